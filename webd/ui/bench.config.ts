// What the page costs in a browser: `npm run bench`, with the programs that CCCC_BIN names.
import { defineConfig } from '@playwright/test'
import all from './playwright.config'

export default defineConfig(all, { testDir: 'bench', timeout: 900_000 })
