// Messages that say `number N`, read off the page as a person would: from the end to the beginning, a screen at a time.
import type { Page } from '@playwright/test'

/** How long the page may take to show what comes before. */
const PATIENCE_MS = 60_000

/** The numbers that are shown now, in order. */
export async function visible(page: Page): Promise<number[]> {
  const text = await page.locator('.log').innerText()
  return [...text.matchAll(/^number (\d+)$/gm)].map(([, n]) => Number(n))
}

async function scroll(page: Page, screens: number): Promise<void> {
  await page.locator('.log').evaluate((log, by) => { log.scrollTop += by * log.clientHeight }, screens)
  await page.evaluate(() => new Promise((then) => { requestAnimationFrame(() => { requestAnimationFrame(then) }) }))
}

/** All from the newest back to `first`, oldest first, in as long as there is progress. What is shown twice or left out is so in the answer as well. */
export async function numbers(page: Page, first: number): Promise<number[]> {
  let all = await visible(page)
  let until = Date.now() + PATIENCE_MS
  while (!all.includes(first) && Date.now() < until) {
    await scroll(page, -0.5)
    const seen = await visible(page)
    const overlap = seen.indexOf(all[0] ?? 0)
    // What was put before it may have moved it out of sight.
    if (overlap < 0) await scroll(page, 0.25)
    if (overlap <= 0) continue
    all = [...seen.slice(0, overlap), ...all]
    until = Date.now() + PATIENCE_MS
  }
  return all
}
