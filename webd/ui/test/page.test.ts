// Promises about the page's own text: its languages, its contract, and that no component holds words.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { CONTRACT, contract, FRAMES, frames, SCHEMA, STREAM } from '../scripts/contract.mjs'
import { after } from '../src/connection/store'
import { placeOf, pathOf } from '../src/app/route'
import { html } from '../src/chat/markdown'
import { merged } from '../src/chat/log'
import { en } from '../src/words/en'
import { format } from '../src/words/format'
import { ja } from '../src/words/ja'
import { zh } from '../src/words/zh'

const SRC = join(import.meta.dirname, '../src')
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })

const names = (message: string): string[] => [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name ?? ''))].sort()

/** Attributes whose value people read or hear. */
const SPOKEN = new Set(['title', 'placeholder', 'alt', 'aria-label', 'name'])

describe('words', () => {
  it.each([['zh', zh], ['ja', ja]])('%s has the keys and the values of English', (_, table) => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(en).sort())
    for (const [key, message] of Object.entries(en)) {
      const other = table[key as keyof typeof en]
      expect({ key, names: names(other) }).toEqual({ key, names: names(message) })
      expect(other).not.toBe('')
    }
  })

  it('fills in values and plurals', () => {
    expect(format('{n, plural, =0 {none} one {# thing} other {# things}} of {who}', { n: 0, who: 'a' }, 'en')).toBe('none of a')
    expect(format('{n, plural, one {# thing} other {# things}}', { n: 1 }, 'en')).toBe('1 thing')
    expect(format('{n, plural, other {{time} 以来 # 条}}', { n: 3, time: '09:32' }, 'zh')).toBe('09:32 以来 3 条')
  })

  it('stand in no component', () => {
    const found: string[] = []
    for (const file of files.filter((name) => name.endsWith('.tsx'))) {
      const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
      const visit = (node: ts.Node): void => {
        if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(`${file}: ${node.text.trim()}`)
        if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
          // The name of an icon is no word.
          const tag = node.parent.parent.tagName.getText()
          if (tag !== 'Icon') found.push(`${file}: ${node.getText()}`)
        }
        ts.forEachChild(node, visit)
      }
      visit(source)
    }
    expect(found).toEqual([])
  })
})

describe('the code', () => {
  it('has the contract of docs/schema.json', () => {
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as unknown
    expect(readFileSync(CONTRACT, 'utf8'), 'run: npm run contract').toBe(contract(schema))
  })
  it('has the frames of docs/web-stream.json', () => {
    const schema = JSON.parse(readFileSync(STREAM, 'utf8')) as unknown
    expect(readFileSync(FRAMES, 'utf8'), 'run: npm run contract').toBe(frames(schema))
  })
  it('begins every file with what it is for', () => {
    const silent = files.filter((name) => /\.tsx?$/.test(name)).filter((name) => !readFileSync(join(SRC, name), 'utf8').startsWith('//'))
    expect(silent).toEqual([])
  })
  it('uses only icons that are drawn', () => {
    const page = readFileSync(join(SRC, '../index.html'), 'utf8')
    const used = files.filter((name) => /\.tsx?$/.test(name)).flatMap((name) =>
      [...readFileSync(join(SRC, name), 'utf8').matchAll(/(?:\bicon|<Icon name|\bglyph)(?:=|: )["']([\w-]+)["']/g)].map(([, icon = '']) => icon))
    const missing = used.map((icon) => (icon.includes('-') ? icon : `i-${icon}`)).filter((icon) => !page.includes(`id="${icon}"`))
    expect(missing).toEqual([])
  })
})

describe('text of messages', () => {
  it.each([
    ['<script>alert(1)</script>', /^<p>&lt;script&gt;/],
    ['[x](javascript:alert(1))', /^<p>\[x\]/],
    ['![x](https://example.org/x.png)', /^(?!.*<img)/],
    ['`a` **b**', /<code>a<\/code> <strong>b<\/strong>/],
    ['https://example.org', /<a href="https:\/\/example.org" target="_blank" rel="noopener noreferrer">/],
    ['<b style="color:red">x</b>', /^(?!.*<b)/],
  ])('%s is harmless', (text, wanted) => {
    expect(html(text, [])).toMatch(wanted)
  })
  it('shows who is mentioned', () => {
    const people = [{ id: 'rev', title: 'Reviewer', enabled: true, role: 'peer' as const, running: true }]
    expect(html('@Reviewer, @user: @nobody', people)).toBe('<p><span class="at">@Reviewer</span>, <span class="at me">@user</span>: @nobody</p>\n')
  })
})

describe('the page', () => {
  it.each(['/ui/', '/ui/new', '/ui/g/g_1', '/ui/g/g%2F1/actors/new'])('finds its place by %s', (path) => {
    expect(pathOf(placeOf(path))).toBe(path)
  })
  it('keeps a stretch of the ledger in order, each event once', () => {
    const event = (seq: number) => ({ seq }) as Parameters<typeof merged>[0][number]
    expect(merged([event(2), event(3)], [event(1), event(3), event(5)]).map(({ seq }) => seq)).toEqual([1, 2, 3, 5])
    expect(merged([event(2)], [event(3)]).map(({ seq }) => seq)).toEqual([2, 3])
  })
  it('says honestly whether anybody answers', () => {
    const live = { phase: 'live' as const, heard_at: 0, lost_at: null, next_try_at: null, locked: false }
    expect(after(live, 'no_answer', 5)).toEqual({ phase: 'reconnecting', lost_at: 5 })
    expect(after({ ...live, phase: 'reconnecting', lost_at: 5 }, 'no_answer', 10_005)).toEqual({ phase: 'away', lost_at: 5 })
    expect(after(live, 'daemon_away', 5)).toEqual({ phase: 'away', lost_at: 5 })
    expect(after({ ...live, phase: 'away', lost_at: 5 }, 'answered', 9)).toMatchObject({ phase: 'live', lost_at: null })
    expect(after(live, 'unauthorized', 9)).toMatchObject({ locked: true })
  })
})
