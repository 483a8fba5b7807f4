// One types, others look on; whoever takes over says so, and a phone shrinks nobody's terminal.
import { expect } from '@playwright/test'
import { place, test } from './stack'

test('two pages on one terminal', { tag: '@short' }, async ({ page, browser, stack }) => {
  const group_id = stack.group('lead')
  const at = place(stack, `/ui/g/${group_id}?dock=terminals&term=lead`)
  await page.goto(at)
  await expect(page.locator('.xterm-rows').first()).toContainText('ready>')
  await page.locator('.xterm').first().click()
  await page.keyboard.type('echo typed-$((40+2))\n')
  await expect(page.locator('.xterm-rows').first()).toContainText('typed-42')
  const size = (): string => stack.ask<{ cols: number; rows: number }>('terminal_snapshot', { group_id, actor_id: 'lead' }).cols.toString()
  const before = size()

  const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })).newPage()
  await phone.goto(at)
  await expect(phone.locator('.xterm-rows').first()).toContainText('typed-42')
  expect(size(), 'whoever looks on changes no size').toBe(before)

  await phone.getByRole('button', { name: 'Take the keyboard' }).first().click()
  await phone.getByRole('button', { name: 'Keep its size' }).click()
  await expect(page.getByText(/Taken over by phone/).first()).toBeVisible()
  expect(size(), 'nor does a phone that keeps the size').toBe(before)
  await phone.locator('.xterm').first().click()
  await phone.keyboard.type('echo by-phone-$((6*7))\n')
  await expect(page.locator('.xterm-rows').first()).toContainText('by-phone-42')
  await phone.close()
})
