// A group with a hundred thousand messages is opened, read back, searched and jumped in as one with ten.
import { expect } from '@playwright/test'
import { chat, test } from './stack'
import { numbers, visible } from './numbers'

const COUNT = Number(process.env.CCCC_FLOOD ?? 100_000)

test('a hundred thousand messages', async ({ page, stack }) => {
  test.setTimeout(900_000)
  const group_id = stack.group()
  await stack.sendMany(group_id, COUNT, (n) => (n === 17 ? 'the needle' : `number ${n}`))
  await chat(page, stack, group_id)
  await expect(page.locator('.log')).toContainText(`number ${COUNT - 1}`)
  const back = await numbers(page, COUNT - 1_000)
  const [oldest = 0] = back
  expect(oldest).toBeLessThanOrEqual(COUNT - 1_000)
  expect(back).toEqual(Array.from({ length: COUNT - oldest }, (_, n) => oldest + n))

  await page.locator('.log').focus()
  await page.keyboard.press('/')
  // What is typed before its field is there counts too.
  await page.keyboard.type('needle')
  await page.getByRole('option', { name: /the needle/ }).first().click()
  await expect.poll(() => visible(page)).toEqual(expect.arrayContaining([16, 18]))
  await page.locator('.log').focus()
  await page.keyboard.press('End')
  await expect.poll(() => visible(page)).toContain(COUNT - 1)
})
