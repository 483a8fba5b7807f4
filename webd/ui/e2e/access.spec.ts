// Nothing serious that keeps people from using it, on any screen, in both themes and three widths.
import { expect } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DAILY, furnish, PLACES } from './places'
import { place, test } from './stack'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding { id: string; impact: string | null; nodes: { html: string }[] }

/** What is looked at with every change: each theme and each end of the widths once. */
const SHORT = ['light 1440', 'dark 390']

for (const theme of ['light', 'dark']) {
  for (const width of [1440, 820, 390]) {
    const look = async (page: import('@playwright/test').Page, stack: import('./stack').Stack, names: string[]): Promise<void> => {
      const group_id = furnish(stack)
      await page.setViewportSize({ width, height: 900 })
      await page.addInitScript((chosen) => { localStorage.setItem('cccc.theme', chosen) }, theme)
      const found: string[] = []
      for (const name of names) {
        await page.goto(place(stack, PLACES[name]?.(group_id) ?? '/'))
        await page.locator('h1').first().waitFor({ state: 'attached' })
        await page.waitForLoadState('networkidle').catch(() => undefined)
        await page.evaluate(AXE)
        const findings = await page.evaluate(async () => {
          const axe = (window as unknown as { axe: { run: (of: Document, options: object) => Promise<{ violations: Finding[] }> } }).axe
          // That rule takes a name outside of what is scrolled into view for none.
          const rules = { 'label-title-only': { enabled: false } }
          return (await axe.run(document, { resultTypes: ['violations'], rules })).violations
        })
        for (const { id, impact, nodes } of findings) {
          if (impact === 'serious' || impact === 'critical') found.push(`${name}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).slice(0, 3).join(' | ')}`)
        }
      }
      expect(found).toEqual([])
    }
    const is_short = SHORT.includes(`${theme} ${width}`)
    if (is_short) test(`nothing serious where people are all day, ${theme}, ${width} wide`, { tag: '@short' }, ({ page, stack }) => look(page, stack, DAILY))
    test(`nothing serious anywhere, ${theme}, ${width} wide`, async ({ page, stack }) => {
      test.setTimeout(300_000)
      await look(page, stack, Object.keys(PLACES))
    })
  }
}
