// A browser is told while nobody looks at the page: the switches, a trial, and what the worker shows. The browser's own way
// to its maker is not there, so a service of this test stands in for it.
import { expect } from '@playwright/test'
import { createECDH, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chat, place, test as base } from './stack'

interface Service { origin: string; keys: { p256dh: string; auth: string }; got: string[] }

const test = base.extend<{ service: Service }>({
  service: async ({}, use) => {
    const got: string[] = []
    const server: Server = createServer((request, response) => {
      got.push(request.headers['content-encoding'] ?? '')
      response.writeHead(201).end()
    })
    await new Promise<void>((then) => server.listen(0, '127.0.0.1', then))
    const keys = createECDH('prime256v1')
    const p256dh = keys.generateKeys().toString('base64url')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await use({ origin, keys: { p256dh, auth: randomBytes(16).toString('base64url') }, got })
    server.close()
  },
  variables: async ({ service }, use) => { await use({ CCCC_WEB_PUSH_SERVICES: service.origin }) },
})

test('a browser is told and shows it', { tag: '@short' }, async ({ page, context, stack, service }) => {
  const group_id = stack.group()
  await context.grantPermissions(['notifications'])
  await page.addInitScript(({ origin, keys }) => {
    let key: ArrayBuffer | null = null
    const subscription = {
      endpoint: `${origin}/browser`,
      get options() { return { applicationServerKey: key } },
      toJSON: () => ({ endpoint: `${origin}/browser`, keys }),
      unsubscribe: () => { key = null; return Promise.resolve(true) },
    }
    PushManager.prototype.subscribe = (options) => {
      key = (options?.applicationServerKey as Uint8Array<ArrayBuffer>).buffer
      return Promise.resolve(subscription as unknown as PushSubscription)
    }
    PushManager.prototype.getSubscription = () => Promise.resolve(key === null ? null : (subscription as unknown as PushSubscription))
  }, service)
  await page.goto(place(stack, '/ui/settings/notifications'))
  await page.getByRole('switch', { name: 'Tell this browser' }).click()
  await expect(page.getByRole('switch', { name: 'Answers you owe' })).toBeChecked()
  await page.getByRole('switch', { name: 'Messages to you' }).click()
  await expect(page.getByRole('switch', { name: 'Messages to you' })).not.toBeChecked()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await expect.poll(() => service.got).toEqual(['aes128gcm'])

  const devtools = await context.newCDPSession(page)
  const registration = await new Promise<string>((then) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL }) => scopeURL.endsWith('/ui/'))
      if (found !== undefined) then(found.registrationId)
    })
    void devtools.send('ServiceWorker.enable')
  })
  await chat(page, stack, group_id)
  const told = { kind: 'owed', lang: 'en', group_id, group_title: 'Kitchen', by: 'Cook', text: 'How much salt?', event_id: 'e', more: 0 }
  await devtools.send('ServiceWorker.deliverPushMessage', { origin: new URL(stack.url).origin, registrationId: registration, data: JSON.stringify(told) })
  const shown = (): Promise<string[]> => page.evaluate(async () => {
    const registered = await navigator.serviceWorker.getRegistration('/ui/')
    return ((await registered?.getNotifications()) ?? []).map(({ title, body }) => `${title}: ${body}`)
  })
  await expect.poll(shown).toEqual(['Cook waits for your answer · Kitchen: How much salt?'])

  await page.goto(place(stack, '/ui/settings/notifications'))
  await page.getByRole('switch', { name: 'Tell this browser' }).click()
  await expect(page.getByRole('switch', { name: 'Tell this browser' })).not.toBeChecked()
  await expect(page.getByRole('switch', { name: 'Answers you owe' })).toHaveCount(0)
})
