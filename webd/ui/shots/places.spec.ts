// A picture of every place in both themes and three widths, to be looked at beside the design.
import { join } from 'node:path'
import { furnish, PLACES } from '../e2e/places'
import { place, test } from '../e2e/stack'

const FOLDER = join(import.meta.dirname, '../../../target/shots')
const SIZES = { desk: [1440, 900], tablet: [820, 1180], phone: [390, 844] } as const

test('places', async ({ browser, stack }) => {
  test.setTimeout(900_000)
  const group_id = furnish(stack)
  for (const theme of ['light', 'dark'] as const) {
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme })
      const page = await context.newPage()
      for (const [name, path] of Object.entries(PLACES)) {
        await page.goto(place(stack, path(group_id)))
        await page.locator('h1').first().waitFor({ state: 'attached' })
        await page.waitForLoadState('networkidle').catch(() => undefined)
        await page.screenshot({ path: join(FOLDER, `${name}-${size}-${theme}.png`), animations: 'disabled' })
      }
      await context.close()
    }
  }
})
