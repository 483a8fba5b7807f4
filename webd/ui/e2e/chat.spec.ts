// What people do first and most: a group, an agent, messages that arrive once whatever breaks.
import { expect } from '@playwright/test'
import { chat, place, test, write } from './stack'

test('the first minute: a folder, an agent, a message', { tag: '@short' }, async ({ page, stack }) => {
  await page.goto(stack.url)
  await expect(page).toHaveURL(/\/ui\/new/)
  await page.getByLabel('Path of the folder').fill(stack.work)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByText('Codex').first().click()
  await page.getByRole('button', { name: /^Start/ }).first().click()
  await expect(page).toHaveURL(/\/ui\/g\/g_/)
  await expect(page.locator('.log')).toContainText('Look around in this repository')
})

test('the first minute without any agent program: two that follow a script', { tag: '@short' }, async ({ page, stack }) => {
  await page.goto(stack.url)
  await page.getByLabel('Path of the folder').fill(stack.work)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByRole('button', { name: 'Try it with two demo agents' }).click()
  await expect(page).toHaveURL(/\/ui\/g\/g_/)
  await expect(page.locator('.log')).toContainText('Done: written, reviewed, and the name is clear now.')
})

test('two browsers on one group see the same', { tag: '@short' }, async ({ page, browser, stack }) => {
  const group_id = stack.group('lead')
  const other = await (await browser.newContext()).newPage()
  await chat(page, stack, group_id)
  await chat(other, stack, group_id)
  await write(page, 'a word to everybody')
  await expect(other.locator('.log')).toContainText('a word to everybody')
  await other.close()
})

test('a message that is sent while ledgerd is dead is stored once', { tag: '@short' }, async ({ page, stack }) => {
  const group_id = stack.group('lead')
  await chat(page, stack, group_id)
  await write(page, 'the first one')
  await expect(page.locator('.log')).toContainText('the first one')
  stack.kill('ledgerd')
  await write(page, 'into the dark')
  await expect(page.locator('.log')).toContainText('into the dark')
  const stored = (): number => {
    try {
      const { events } = stack.ask<{ events: { data: { text?: string } }[] }>('ledger_window', { group_id, before: 50 })
      return events.filter(({ data }) => data.text === 'into the dark').length
    } catch {
      return 0
    }
  }
  // What was not stored says so and is tried again by hand, under the same id.
  await expect.poll(async () => {
    const again = page.getByRole('button', { name: 'Try again' })
    if (stored() === 0 && (await again.count()) > 0) await again.first().click().catch(() => undefined)
    return stored()
  }, { timeout: 60_000 }).toBe(1)
  await expect(page.locator('.log').getByText('into the dark')).toHaveCount(1)
})

test('a page that was away comes back without a gap or a doubled line', async ({ page, stack }) => {
  const group_id = stack.group()
  await chat(page, stack, group_id)
  stack.ask('send', { group_id, text: 'number 0', to: ['user'], by: 'user' })
  await expect(page.locator('.log')).toContainText('number 0')
  for (let n = 1; n <= 40; n += 1) {
    if (n === 5) stack.kill('webd')
    if (n === 20) stack.kill('ledgerd')
    await expect.poll(() => {
      try {
        stack.ask('send', { group_id, text: `number ${n}`, to: ['user'], client_id: `n${n}` })
        return true
      } catch {
        return false
      }
    }).toBe(true)
  }
  await expect(page.locator('.log').getByText('number 40', { exact: true })).toBeVisible({ timeout: 60_000 })
  const seen = await page.locator('.log').innerText()
  const numbers = [...seen.matchAll(/number (\d+)/g)].map(([, n]) => Number(n))
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  await page.goto(place(stack, `/ui/waiting`))
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})
