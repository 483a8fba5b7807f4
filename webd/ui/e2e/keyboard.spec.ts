// The page without a mouse.
import { expect } from '@playwright/test'
import { chat, test } from './stack'

test('what is done with keys', { tag: '@short' }, async ({ page, stack }) => {
  const group_id = stack.group('lead')
  stack.ask('send', { group_id, text: 'mind the gap', by: 'lead', to: ['user'], priority: 'attention' })
  await chat(page, stack, group_id)
  const log = page.locator('.log')
  await expect(log).toContainText('mind the gap')
  // What was on the screen counts as read, and is acknowledged by nobody but its reader.
  const waits = (): unknown => stack.ask('waiting_list', {})
  await expect.poll(waits).toMatchObject({ groups: [{ unread: 0, user_owes_total: 1 }] })
  await page.locator('#message').press('Escape')

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await page.keyboard.press('j')
  await expect(page.locator('[id^="m-"]:focus')).toContainText('mind the gap')
  await page.keyboard.press('e')
  await expect.poll(waits).toMatchObject({ groups: [] })

  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await expect(page).toHaveURL(/dock=terminals/)
  await page.keyboard.press('g')
  await page.keyboard.press('w')
  await expect(page).toHaveURL(/\/ui\/waiting/)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Search or jump' })).toBeFocused()
  await page.keyboard.type('notifications')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/ui\/settings\/notifications/)
})
