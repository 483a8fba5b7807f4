// Draws the icons of the page as an app from the logo: `node scripts/icons.mjs`, with Debian's chromium or the one that
// CHROMIUM names. What it makes is kept in `public`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

const PUBLIC = join(import.meta.dirname, '../public')
const LOGO = readFileSync(join(PUBLIC, 'favicon.svg'), 'utf8').replace(/stroke="[^"]*"/, 'stroke="#ffffff"')
const GROUND = '#175fa4'

/** Name, size in pixels, share of the logo, roundness: systems cut a maskable one and that of Apple into their own shape. */
const ICONS = [
  ['icon-192.png', 192, 0.66, 0.2],
  ['icon-512.png', 512, 0.66, 0.2],
  ['icon-maskable-512.png', 512, 0.5, 0],
  ['apple-touch-icon.png', 180, 0.6, 0],
]

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage()
for (const [name, size, share, round] of ICONS) {
  const logo = LOGO.replace('<svg ', `<svg width="${size * share}" height="${size * share}" `)
  const style = `width:${size}px;height:${size}px;border-radius:${size * round}px;background:${GROUND};display:grid;place-items:center`
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<body style="margin:0;background:transparent"><div style="${style}">${logo}</div>`)
  writeFileSync(join(PUBLIC, name), await page.screenshot({ omitBackground: true }))
}
await browser.close()
