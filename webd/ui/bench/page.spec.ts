// What a person waits for at the page, measured in it: from a key to what is seen.
import type { Page } from '@playwright/test'
import { chat, place, test, write, type Stack } from '../e2e/stack'
import { add, quantile, save } from './table'

const LOADS = 7
const MESSAGES = 50
const KEYS = 100
const MANY = Number(process.env.CCCC_BENCH_MESSAGES ?? 100_000)
const BUSY = 12
/** How many terminals stand beside each other. */
const PANES = 6
const FLOOD = ['sh', '-c', `while :; do yes 'all work and no play' | head -c 100000; sleep 0.1; done`]

interface Seen { seen: Record<string, number>; pressed: number[]; long: number[] }

/** Has a page note when a text is first on it, and when keys are pressed, in milliseconds of the clock. */
const watch = (page: Page): Promise<unknown> => page.addInitScript(() => {
  const own = window as unknown as Seen
  const now = (): number => performance.timeOrigin + performance.now()
  own.seen = {}
  own.pressed = []
  own.long = []
  const look = (): void => {
    for (const [text] of document.querySelector('.log')?.textContent?.matchAll(/(?:word|number) \d+ of/g) ?? []) own.seen[text] ??= now()
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true })
  addEventListener('keydown', () => { own.pressed.push(now()) }, { capture: true })
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) own.long.push(duration) }).observe({ type: 'longtask', buffered: true })
})

const seen = (page: Page): Promise<Seen> => page.evaluate(() => {
  const { seen, pressed, long } = window as unknown as Seen
  return { seen, pressed, long }
})

async function heap(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = (await devtools.send('Runtime.getHeapUsage')) as { usedSize: number }
  return usedSize / 1e6
}

function start(stack: Stack, group_id: string, actor_id: string, command: string[]): void {
  stack.ask('actor_add', { group_id, actor_id, runtime: 'custom', command })
  stack.ask('actor_start', { group_id, actor_id })
}

/** From each key to what it changes in a terminal. */
async function typed(page: Page, actor: string): Promise<number[]> {
  const pane = page.locator(`.xterm`).first()
  await pane.click()
  const times: number[] = []
  for (let n = 0; n < KEYS; n += 1) {
    const key = 'abcdefgh'[n % 8] ?? 'a'
    await page.evaluate(() => {
      const own = window as unknown as { echoed: Promise<number> }
      const rows = document.querySelector('.xterm-rows')
      own.echoed = new Promise((then) => {
        let pressed = 0
        addEventListener('keydown', () => { pressed = performance.now() }, { capture: true, once: true })
        const observer = new MutationObserver(() => {
          if (pressed === 0) return
          observer.disconnect()
          then(performance.now() - pressed)
        })
        if (rows !== null) observer.observe(rows, { childList: true, subtree: true, characterData: true })
      })
    })
    await page.keyboard.press(key)
    times.push(await page.evaluate(() => (window as unknown as { echoed: Promise<number> }).echoed))
  }
  if (times.length === 0) throw new Error(`${actor} echoes nothing`)
  return times
}

test('budgets of the page', async ({ browser, stack }) => {
  const group_id = stack.group()
  await stack.sendMany(group_id, 50, (n) => `number ${n} of many`)
  const loads: number[] = []
  for (let n = 0; n < LOADS; n += 1) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await watch(page)
    await chat(page, stack, group_id)
    await page.locator('.log').getByText('number 49').waitFor()
    loads.push(await page.evaluate(() => ((window as unknown as Seen).seen['number 49 of'] ?? Infinity) - performance.timeOrigin))
    await context.close()
  }
  add('first message of a page that was never loaded, median', quantile(loads, 0.5), 'ms', 700)

  start(stack, group_id, 'lead', ['sh', '-c', 'stty -icanon -echo; exec cat'])
  const [writer, reader] = await Promise.all([0, 1].map(async () => (await browser.newContext()).newPage()))
  if (writer === undefined || reader === undefined) throw new Error('there are two')
  for (const page of [writer, reader]) {
    await watch(page)
    await chat(page, stack, group_id)
  }
  for (let n = 0; n < MESSAGES; n += 1) {
    await write(writer, `word ${n} of it`)
    await reader.locator('.log').getByText(`word ${n} of it`).waitFor()
  }
  // The second of the keys that send is the one that counts.
  const { pressed } = await seen(writer)
  const told = await seen(reader)
  const sends = pressed.filter((_, at) => at % 2 === 1)
  const times = sends.map((at, n) => (told.seen[`word ${n} of`] ?? Infinity) - at)
  add('send → seen in a second browser, median', quantile(times, 0.5), 'ms', 50)
  add('  p95', quantile(times, 0.95), 'ms', 100)

  await writer.goto(place(stack, `/ui/g/${group_id}?dock=terminals&full&term=lead`))
  await writer.locator('.xterm-rows').first().waitFor()
  await writer.getByRole('button', { name: 'Type here' }).first().click().catch(() => undefined)
  const echoed = await typed(writer, 'lead')
  add('key → shown in a terminal, median', quantile(echoed, 0.5), 'ms', 15)
  add('  p95', quantile(echoed, 0.95), 'ms')

  for (let n = 1; n <= BUSY; n += 1) start(stack, group_id, `busy${n}`, FLOOD)
  const beside = Array.from({ length: PANES - 1 }, (_, n) => `busy${n + 1}`).join(',')
  await writer.goto(place(stack, `/ui/g/${group_id}?dock=terminals&full&term=lead,${beside}`))
  await writer.locator('.xterm-rows').nth(PANES - 1).waitFor()
  await writer.getByRole('button', { name: 'Type here' }).first().click().catch(() => undefined)
  const flooded = await typed(writer, 'lead')
  add(`key → shown, beside ${BUSY} terminals of 1 MB/s, ${PANES} in sight, p95`, quantile(flooded, 0.95), 'ms', 100)
  add('  heap of the page', await heap(writer), 'MB', 60)
  await writer.close()
  stack.ask('group_stop', { group_id })

  await stack.sendMany(group_id, MANY, (n) => `number ${n} of many`)
  const page = await (await browser.newContext()).newPage()
  await watch(page)
  await chat(page, stack, group_id)
  await page.locator('.log').getByText(`number ${MANY - 1}`).waitFor()
  const { events } = stack.ask<{ events: { id: string }[] }>('ledger_window', { group_id, before: 1 })
  const asked = (op: string, args: object): Promise<number[]> => page.evaluate(async ({ op, args }) => {
    const times: number[] = []
    for (let n = 0; n < 30; n += 1) {
      const begin = performance.now()
      await (await fetch(`/api/v1/call/${op}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(args) })).text()
      times.push(performance.now() - begin)
    }
    return times
  }, { op, args })
  const name = (what: string): string => `${what} in ${MANY} messages, asked from the page, p95`
  add(name('the newest page'), quantile(await asked('ledger_window', { group_id, before: 60 }), 0.95), 'ms', 50)
  add(name('search for an old one'), quantile(await asked('ledger_search', { group_id, text: 'number 17 of', limit: 1 }), 0.95), 'ms', 50)
  add(name('what is around one'), quantile(await asked('ledger_window', { group_id, event_id: events[0]?.id, before: 40, after: 40 }), 0.95), 'ms', 50)
  await page.evaluate(() => { (window as unknown as Seen).long.length = 0 })
  for (let n = 0; n < 200; n += 1) {
    await page.locator('.log').evaluate((log) => { log.scrollTop -= log.clientHeight / 3 })
    await page.evaluate(() => new Promise((then) => { requestAnimationFrame(then) }))
  }
  const { long } = await seen(page)
  add('longest task while it is scrolled back', Math.max(0, ...long), 'ms', 50)
  add('  tasks of more than 50 ms', long.length, '')
  add('  heap of the page', await heap(page), 'MB', 60)
  save()
})
