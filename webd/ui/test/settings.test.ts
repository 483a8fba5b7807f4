// Promises about fields that wait for Save, and about the table of pages.
import { describe, expect, it } from 'vitest'
import { placeOf, pathOf } from '../src/app/route'
import { pageOf, SETTINGS } from '../src/settings/pages'
import { changed, conflicts, drop, edit, keep, NO_EDITS, patchOf, type Edits } from '../src/settings/parts/form'

interface Fields {
  title: string
  words: string[]
}
const NONE: Edits<Fields> = NO_EDITS
const now: Fields = { title: 'a', words: ['x'] }

describe('fields', () => {
  it('have changed while they are not what is stored', () => {
    const once = edit(NONE, now, 'title', 'b')
    expect(changed(once, now)).toEqual(['title'])
    expect(patchOf(once, now)).toEqual({ title: 'b' })
    expect(changed(edit(once, now, 'title', 'a'), now)).toEqual([])
  })
  it('are compared by what is in them', () => {
    expect(changed(edit(NONE, now, 'words', ['x']), now)).toEqual([])
    expect(changed(edit(NONE, now, 'words', ['x', 'y']), now)).toEqual(['words'])
  })
  it('are in conflict when somebody else has changed them meanwhile, and are not when both mean the same', () => {
    const mine = edit(NONE, now, 'title', 'b')
    const theirs: Fields = { ...now, title: 'c' }
    expect(conflicts(mine, theirs)).toEqual(['title'])
    expect(conflicts(mine, { ...now, words: [] })).toEqual([])
    expect(changed(mine, { ...now, title: 'b' })).toEqual([])
    expect(conflicts(edit(mine, theirs, 'title', 'd'), theirs)).toEqual(['title'])
  })
  it('keep mine until it is chosen', () => {
    const mine = edit(NONE, now, 'title', 'b')
    const theirs: Fields = { ...now, title: 'c' }
    expect(patchOf(keep(mine, theirs, 'title'), theirs)).toEqual({ title: 'b' })
    expect(conflicts(keep(mine, theirs, 'title'), theirs)).toEqual([])
    expect(changed(drop(mine, 'title'), theirs)).toEqual([])
  })
})

describe('pages', () => {
  it('have one address each', () => {
    const addresses = SETTINGS.map((row) => pathOf({ at: 'settings', group_id: row.scope === 'group' ? 'g_1' : null, page: row.id, item: null }))
    expect(new Set(addresses).size).toBe(SETTINGS.length)
    for (const [at, address] of addresses.entries()) {
      const place = placeOf(address)
      expect(place.at === 'settings' && pageOf(SETTINGS, place.group_id, place.page)).toBe(SETTINGS[at])
    }
  })
  it('are unknown where nobody knows them', () => {
    expect(pageOf(SETTINGS, null, 'nothing')).toBeNull()
  })
})
