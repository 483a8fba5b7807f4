// Nothing serious that keeps people from using it, on any screen, in both themes and three widths.
import { expect } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { place, test } from './stack'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding { id: string; impact: string | null; nodes: { html: string }[] }

const SCREENS: Record<string, (group_id: string) => string> = {
  chat: (group_id) => `/ui/g/${group_id}`,
  terminals: (group_id) => `/ui/g/${group_id}?dock=terminals`,
  tasks: (group_id) => `/ui/g/${group_id}?dock=tasks`,
  context: (group_id) => `/ui/g/${group_id}?dock=context`,
  activity: (group_id) => `/ui/g/${group_id}?dock=activity`,
  waiting: () => '/ui/waiting',
  group: (group_id) => `/ui/g/${group_id}/settings/general`,
  add: (group_id) => `/ui/g/${group_id}/actors/new`,
  actor: (group_id) => `/ui/g/${group_id}/actors/lead`,
  home: () => '/ui/settings/general',
  new: () => '/ui/new',
}

for (const theme of ['light', 'dark']) {
  for (const width of [1440, 1024, 390]) {
    const tag = width === 1024 ? [] : ['@short']
    test(`nothing serious, ${theme}, ${width} wide`, { tag }, async ({ page, stack }) => {
      test.setTimeout(300_000)
      const group_id = stack.group('lead')
      stack.ask('send', { group_id, text: 'Hello **there**, `code`', to: ['lead'], reply_required: true })
      stack.ask('context_sync', { group_id, ops: [{ op: 'task.create', name: 'Mend it', goal: 'So that it works' }] })
      await page.setViewportSize({ width, height: 900 })
      await page.addInitScript((chosen) => { localStorage.setItem('cccc.theme', chosen) }, theme)
      const found: string[] = []
      for (const [name, path] of Object.entries(SCREENS)) {
        await page.goto(place(stack, path(group_id)))
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
    })
  }
}
