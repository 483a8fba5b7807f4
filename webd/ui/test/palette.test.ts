// The palette: how what is typed finds what it means. And the search: what the server is asked.
import { describe, expect, it } from 'vitest'
import { titled } from '../src/app/badge'
import { typed } from '../src/palette/early'
import { around, matching, type Item, type Kind } from '../src/palette/items'
import { messageText } from '../src/palette/store'
import { saysSomething, wantedOf, type Query } from '../src/search/store'

const item = (title: string, kind: Kind = 'place'): Item => ({ id: title, kind, icon: '', title, sub: '', run: () => undefined })
const items = [item('web-shop'), item('Reviewer, terminal', 'actor'), item('Write to Reviewer', 'actor'), item('T-16 Review #212', 'task'), item('Stop Reviewer', 'act'), item('Preview')]
const found = (text: string): string[] => matching(text, items).map(({ title }) => title)

describe('what is typed before the palette is there', () => {
  const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false, altKey: false })
  it.each([['/', key('n'), '/n'], ['/', key('é'), '/é'], ['ab', key('Backspace'), 'a'], ['a👋', key('Backspace'), 'a'], ['a', key('Enter'), null], ['a', key('k', true), null]])('%s and %o', (text, pressed, wanted) => {
    expect(typed(text, pressed)).toBe(wanted)
  })
})

describe('the palette', () => {
  it.each([
    // typed, found in order, what is meant
    ['rev', ['Reviewer, terminal', 'Write to Reviewer', 'T-16 Review #212', 'Stop Reviewer', 'Preview'], 'a beginning, that of a word, within'],
    ['', ['web-shop', 'Preview'], 'nothing: places'],
    ['>rev', ['Stop Reviewer'], 'acts only'],
    ['@rev', ['Reviewer, terminal', 'Write to Reviewer'], 'actors only'],
    ['#212', ['T-16 Review #212'], 'tasks only'],
    ['/rev', [], 'messages come from the server'],
  ])('finds with %j %j (%s)', (text, wanted) => { expect(found(text)).toEqual(wanted) })

  it('marks the letters that match', () => {
    expect(matching('shop', items)[0]?.match).toEqual([4, 5, 6, 7])
  })
  it('looks for messages with all but what is meant for something else', () => {
    expect(['abc', '/abc', '> abc', '@a', '#1'].map(messageText)).toEqual(['abc', 'abc', '', '', ''])
  })
  it('shows of a long text what was looked for', () => {
    const shown = around(`${'x '.repeat(100)}needle ${'y '.repeat(100)}`, 'needle', 40)
    expect(shown).toContain('needle')
    expect(shown.length).toBeLessThan(45)
  })
})

describe('the search', () => {
  const query: Query = { text: '', everywhere: false, kind: 'all', sender: '', recipient: '', since: 'any' }
  it('asks for nothing as long as nothing is said', () => {
    expect(saysSomething(query)).toBe(false)
    expect(saysSomething({ ...query, sender: 'a' })).toBe(true)
  })
  it('says since when as a time', () => {
    expect(wantedOf({ ...query, text: ' a ', since: 'week' }, Date.parse('2026-01-08T00:00:00Z'))).toEqual({ text: 'a', kind: 'all', limit: 50, since: '2026-01-01T00:00:00.000Z' })
  })
})

describe('the title', () => {
  it('carries how much waits, once', () => {
    expect(titled('shop · cccc', 3)).toBe('(3) shop · cccc')
    expect(titled('(3) shop · cccc', 4)).toBe('(4) shop · cccc')
    expect(titled('(3) shop · cccc', 0)).toBe('shop · cccc')
  })
})
