// What comes from agents, people and other pages runs nothing here.
import { expect, type Page } from '@playwright/test'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chat, place, test, write } from './stack'

const XSS = [
  '<script>window.__ran = 1</script>',
  '<img src=x onerror="window.__ran = 2">',
  '<svg onload="window.__ran = 3">',
  '[a](javascript:window.__ran=4)',
  '![b](https://elsewhere.example/x.png)',
  '<iframe srcdoc="<script>parent.__ran = 5</script>"></iframe>',
  '"><b onmouseover=window.__ran=6>c</b>',
  '[d](data:text/html,<script>window.opener.__ran=7</script>)',
]

const ran = (page: Page): Promise<unknown> => page.evaluate(() => (window as { __ran?: unknown }).__ran)

test('nothing that was written runs', { tag: '@short' }, async ({ page, stack }) => {
  const group_id = stack.group()
  const elsewhere: string[] = []
  const own = new URL(stack.url).origin
  page.on('request', (request) => { if (new URL(request.url()).origin !== own) elsewhere.push(request.url()) })
  const title = XSS[1] ?? ''
  stack.ask('group_update', { group_id, patch: { title } })
  stack.ask('actor_add', { group_id, actor_id: 'lead', title, runtime: 'custom', command: ['sh', '-c', `printf '\\033]2;<img src=x onerror=window.__ran=8>\\007ready> '; cat`] })
  stack.ask('group_start', { group_id })
  stack.ask('context_sync', { group_id, ops: [{ op: 'task.create', name: title, goal: XSS[0] }, { op: 'vision.update', vision: XSS.join('\n\n') }, { op: 'reference.add', url: 'javascript:window.__ran=9', note: title }] })
  for (const text of XSS) stack.ask('send', { group_id, text, to: ['user'], format: 'markdown' })
  await chat(page, stack, group_id)
  await expect(page.locator('.log')).toContainText('window.__ran = 1')
  await page.locator('input[type=file]').setInputFiles({ name: '<img src=x onerror=window.__ran=10>.html', mimeType: 'text/html', buffer: Buffer.from(XSS.join('\n')) })
  await write(page, 'with a file')
  await expect(page.locator('.log')).toContainText('with a file')
  const file = page.locator('.log a[href*="/blobs/"]').first()
  await expect(file).toBeVisible()
  // It is handed out to be kept, and never as a page of ours.
  const got = await page.request.get(new URL((await file.getAttribute('href')) ?? '', stack.url).href)
  expect([got.headers()['x-content-type-options'], got.headers()['content-disposition']?.split(';')[0]]).toEqual(['nosniff', 'attachment'])
  for (const dock of ['tasks', 'context', 'activity', 'terminals']) {
    await page.goto(place(stack, `/ui/g/${group_id}?dock=${dock}`))
    await expect(page.locator('#dock')).toBeVisible()
    await page.locator('#dock').getByText(/./).first().waitFor()
  }
  expect(await ran(page)).toBeUndefined()
  expect(elsewhere).toEqual([])
})

test('a page of another origin gets nothing', { tag: '@short' }, async ({ page, stack }) => {
  const group_id = stack.group()
  const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<title>evil</title>')).listen(0, '127.0.0.1')
  await new Promise((then) => server.once('listening', then))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const tried = await page.evaluate(async ({ own, group_id }) => {
    const outcome: Record<string, string> = {}
    const tell = async (name: string, act: () => Promise<unknown>): Promise<void> => {
      outcome[name] = await act().then(String, () => 'refused')
    }
    await tell('read', async () => (await fetch(`${own}/api/v1/groups`)).text())
    await tell('post', async () => (await fetch(`${own}/api/v1/groups/${group_id}/send`, { method: 'POST', mode: 'no-cors', body: '{"text":"evil"}' })).type)
    await tell('socket', () => new Promise((then, no) => {
      const socket = new WebSocket(`${own.replace('http', 'ws')}/ws`)
      socket.onopen = () => { then('open') }
      socket.onerror = () => { no(new Error('closed')) }
    }))
    return outcome
  }, { own: new URL(stack.url).origin, group_id })
  expect(tried.read).toBe('refused')
  expect(tried.socket).toBe('refused')
  const { events } = stack.ask<{ events: { kind: string }[] }>('ledger_window', { group_id, before: 50 })
  expect(events.filter(({ kind }) => kind === 'chat.message')).toEqual([])
  server.close()
})

test.describe('where a token is wanted', () => {
  test.use({ variables: { CCCC_WEB_TOKEN: 'a long secret of this test' } })
  test('only whoever has it is let in', async ({ page, stack }) => {
    await page.goto(stack.url)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText(/does not open/)).toBeVisible()
    await page.getByLabel('Token').fill('a long secret of this test')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByLabel('Path of the folder')).toBeVisible()
    expect(page.url()).not.toContain('secret')
  })
})

test.describe('where nothing may be changed', () => {
  test.use({ variables: { CCCC_WEB_MODE: 'exhibit' } })
  test('the chat is shown and nobody can write', async ({ page, stack }) => {
    const group_id = stack.group()
    stack.ask('send', { group_id, text: 'look at me', to: ['user'] })
    await page.goto(place(stack, `/ui/g/${group_id}`))
    await expect(page.locator('.log')).toContainText('look at me')
    await expect(page.locator('#message')).toHaveCount(0)
  })
})
