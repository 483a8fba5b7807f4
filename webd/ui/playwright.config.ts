// Browser tests of the real page against real daemons: `npm run e2e`, a short set with every `make test`. The browser is
// the one that CHROMIUM names, or what the system has.
import { defineConfig } from '@playwright/test'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

function found(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // It is somewhere else, or nowhere.
      }
    }
  }
  throw new Error('there is no Chromium; install Debian\'s package chromium, or name one in CHROMIUM')
}

export default defineConfig({
  testDir: 'e2e',
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 30_000,
    launchOptions: { executablePath: process.env.CHROMIUM ?? found(), args: ['--no-sandbox'] },
  },
})
