// A page that sleeps, and one whose daemons go and come: it says so, and afterwards it has everything once.
import { expect, type Page } from '@playwright/test'
import { createServer, type AddressInfo } from 'node:net'
import { chat, test as base } from './stack'
import { numbers } from './numbers'

/** The page comes back to the address where it was. */
const test = base.extend({
  variables: async ({}, use) => {
    const server = createServer()
    await new Promise<void>((then) => server.listen(0, '127.0.0.1', then))
    const { port } = server.address() as AddressInfo
    await new Promise((then) => server.close(then))
    await use({ CCCC_WEB_PORT: String(port) })
  },
})

async function asleep(page: Page, work: () => Promise<void>): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await work()
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
}

test('a page that slept for half a minute has all 500 messages once', async ({ page, stack }) => {
  const group_id = stack.group()
  stack.ask('send', { group_id, text: 'number 0', to: ['user'] })
  await chat(page, stack, group_id)
  await expect(page.locator('.log')).toContainText('number 0')
  const began = Date.now()
  await asleep(page, async () => {
    await stack.sendMany(group_id, 500, (n) => `number ${n + 1}`)
    await new Promise((then) => setTimeout(then, Math.max(0, 30_000 - (Date.now() - began))))
  })
  await page.bringToFront()
  await page.locator('body').press('End')
  await expect(page.locator('.log')).toContainText('number 500')
  expect(await numbers(page, 0)).toEqual(Array.from({ length: 501 }, (_, n) => n))
})

test('a page says that the daemons are gone, and goes on when they are back', { tag: '@short' }, async ({ page, stack }) => {
  const group_id = stack.group()
  stack.ask('send', { group_id, text: 'number 0', to: ['user'] })
  await chat(page, stack, group_id)
  await expect(page.locator('.log')).toContainText('number 0')
  stack.cccc('daemon', 'stop')
  await expect(page.locator('.conn')).toContainText(/Reconnecting|does not answer/)
  await page.locator('#message').fill('still here')
  await stack.start()
  await expect(page.locator('.conn')).toHaveCount(0)
  await expect(page.locator('#message')).toHaveValue('still here')
  stack.ask('send', { group_id, text: 'number 1', to: ['user'] })
  await expect(page.locator('.log')).toContainText('number 1')
  expect(await numbers(page, 0)).toEqual([0, 1])
})
