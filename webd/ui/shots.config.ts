// Pictures of every place of the page: `npm run shots`.
import { defineConfig } from '@playwright/test'
import all from './playwright.config'

export default defineConfig(all, { testDir: 'shots' })
