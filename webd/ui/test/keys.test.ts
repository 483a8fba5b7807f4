// Keys of the page: how a press is spelled, and that no two rows of one place want the same key.
import { describe, expect, it } from 'vitest'
import { isPlain, KEYS, meantBy, SECTIONS, spelled } from '../src/keys/table'

const press = (key: string, held: string[] = [], code = ''): string =>
  spelled({ key, code, ctrlKey: held.includes('Ctrl'), metaKey: held.includes('Meta'), altKey: held.includes('Alt'), shiftKey: held.includes('Shift') })

describe('a press', () => {
  it.each([
    ['k', ['Ctrl'], 'Ctrl K', 'a letter with Ctrl'],
    ['k', ['Meta'], 'Ctrl K', 'the same on a Mac'],
    ['D', ['Shift'], 'Shift D', 'a letter with Shift'],
    ['?', ['Shift'], '?', 'a sign carries its Shift in itself'],
    ['ArrowUp', ['Alt'], 'Alt ↑', 'an arrow'],
    ['End', [], 'End', 'a key with a name'],
  ])('%s with %j is %s (%s)', (key, held, wanted) => { expect(press(key, held)).toBe(wanted) })

  it('goes by the place of the key where Alt makes another letter of it', () => {
    expect(press('ü', ['Alt'], 'KeyU')).toBe('Alt U')
  })

  it('means a row after what was pressed before', () => {
    expect(meantBy('G', 'W')).toEqual(['waiting'])
    expect(meantBy('', 'W')).toEqual(['withdraw'])
    expect(meantBy('Ctrl .', 'M')).toEqual(['mode'])
  })

  it('stays out of fields when it is a letter alone', () => {
    expect(['J', 'Shift D', '/', 'End'].map(isPlain)).toEqual([true, true, true, true])
    expect(['Ctrl K', 'Alt U'].map(isPlain)).toEqual([false, false])
  })
})

describe('the table', () => {
  it('wants no key twice in one section, and draws every section', () => {
    const wanted = KEYS.map(({ section, keys }) => `${section} ${keys}`)
    expect(new Set(wanted).size).toBe(wanted.length)
    expect(new Set(KEYS.map(({ id }) => id)).size).toBe(KEYS.length)
    expect(new Set(KEYS.map(({ section }) => section))).toEqual(new Set(SECTIONS.map(({ section }) => section)))
  })
})
