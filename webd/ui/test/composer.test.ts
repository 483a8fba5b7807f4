import { refusal } from '../src/composer/files'
import { beforeEach, describe, expect, it } from 'vitest'
import { DRAFT_MS_MAX, EMPTY, keepDraft, readDraft } from '../src/composer/draft'
import { candidates, insert, queryAt } from '../src/composer/mention'
import { mentions, recipients, type Person } from '../src/composer/recipients'

const person = (id: string, title: string, more: Partial<Person> = {}): Person =>
  ({ id, title, enabled: true, role: 'peer', running: true, ...more })
const people = [
  person('foreman-1', 'Foreman', { role: 'foreman' }), person('rev', 'Reviewer'), person('tester', 'Tester'), person('alla', 'Alla'),
]
const said = { text: '', chosen: null, answers: null }

describe('who gets it, and why', () => {
  it.each([
    ['no name', said, { to: ['foreman-1'], reason: { because: 'foreman' } }],
    ['a mention by title', { ...said, text: 'hey @Tester.' }, { to: ['tester'], reason: { because: 'mention', n: 1 } }],
    ['a mention after a full-width space', { ...said, text: '見て　@tester' }, { to: ['tester'], reason: { because: 'mention', n: 1 } }],
    ['a name in code is none', { ...said, text: 'run `@tester`' }, { to: ['foreman-1'], reason: { because: 'foreman' } }],
    ['an address is none', { ...said, text: 'me@tester.org' }, { to: ['foreman-1'], reason: { because: 'foreman' } }],
    ['chosen by hand wins', { ...said, text: '@tester', chosen: ['rev'] }, { to: ['rev'], reason: { because: 'chosen', n: 1 } }],
    ['everybody taken away is nobody, not all', { ...said, chosen: [] }, { to: [], reason: { because: 'nobody' } }],
    ['whoever asked', { ...said, answers: { by: 'rev', asked: true } }, { to: ['rev'], reason: { because: 'asked', by: 'rev' } }],
    ['whoever is answered', { ...said, answers: { by: 'rev', asked: false } }, { to: ['rev'], reason: { because: 'thread', by: 'rev' } }],
    ['all, written in full', { ...said, text: '@all stop' }, { to: ['@all'], reason: { because: 'mention', n: 1 } }],
  ])('%s', (_, from, wanted) => {
    expect(recipients(from, people, 'foreman')).toEqual(wanted)
  })

  it('is nobody while nobody knows who is here, and where nobody leads', () => {
    expect(recipients(said, null, 'foreman').to).toEqual([])
    expect(recipients(said, [person('a', 'A', { enabled: false })], 'foreman')).toEqual({ to: [], reason: { because: 'nobody' } })
    expect(recipients(said, [], 'broadcast').to).toEqual([])
  })

  it('is a broadcast only where the group says so', () => {
    expect(recipients(said, people, 'broadcast')).toEqual({ to: ['@all'], reason: { because: 'broadcast' } })
  })

  it('says which names are nobody', () => {
    expect(mentions('@tester and @nobody', people)).toEqual({ known: ['tester'], unknown: ['nobody'] })
  })
})

describe('the mention menu', () => {
  it.each([
    ['@te', 3, 'te'], ['hi @', 4, ''], ['hi\n@re', 6, 're'], ['me@te', 5, null], ['@te st', 6, null], ['@te', 1, ''],
  ])('opens in %j at %i', (text, caret, query) => {
    expect(queryAt(text, caret)?.text ?? null).toBe(query)
  })

  it.each([
    ['', ['foreman-1', 'rev', 'tester', 'alla']],
    ['te', ['tester']],
    ['er', ['rev', 'tester']],
    ['fm', ['foreman-1']],
    ['al', ['alla']],
    ['all', ['alla', '@all']],
    ['peers', ['@peers']],
    ['peer', []],
    ['foreman', ['foreman-1', '@foreman']],
  ])('finds for %j', (query, found) => {
    expect(candidates(query, people).map(({ to }) => to)).toEqual(found)
  })

  it('puts the id at the caret, and a space behind it', () => {
    const query = { from: 3, text: 're' }
    expect(insert('hi @re!', query, 6, { to: 'rev', title: 'Reviewer', match: [] })).toEqual({ text: 'hi @rev !', caret: 8 })
  })
})

describe('drafts', () => {
  beforeEach(() => { localStorage.clear() })
  const draft = { ...EMPTY, text: 'half a thought', chosen: ['rev'], mode: 'reply' as const }

  it('are kept for each group', () => {
    expect(keepDraft('g', draft, localStorage, 0)).toBe(true)
    expect(readDraft('g', localStorage, 1)).toEqual(draft)
    expect(readDraft('other', localStorage, 1)).toEqual(EMPTY)
  })
  it('go when they are empty, or too old', () => {
    keepDraft('g', draft, localStorage, 0)
    expect(readDraft('g', localStorage, DRAFT_MS_MAX + 1)).toEqual(EMPTY)
    keepDraft('g', draft, localStorage, 0)
    keepDraft('g', EMPTY, localStorage, 0)
    expect(localStorage).toHaveLength(0)
  })
  it('say when the browser keeps nothing, and survive what is not theirs', () => {
    const full = { setItem: () => { throw new Error('full') } } as unknown as Storage
    expect(keepDraft('g', draft, full, 0)).toBe(false)
    localStorage.setItem('cccc.draft.g', '{')
    expect(readDraft('g', localStorage, 0)).toEqual(EMPTY)
  })
})

describe('files of a message', () => {
  const MB = 1024 * 1024
  it.each<[number, number[], string | null, string]>([
    // a file, those before it, why it is refused, what is meant
    [1, [], null, 'a small one'],
    [0, [], 'empty', 'a folder, or nothing'],
    [20 * MB, [], null, 'exactly as much as one may have'],
    [20 * MB + 1, [], 'large', 'a byte more'],
    [1, Array.from({ length: 64 }, () => 1), 'many', 'one more than there may be'],
    [20 * MB, Array.from({ length: 5 }, () => 20 * MB), 'total', 'more than all together may have'],
  ])('%i bytes beside %j: %s (%s)', (size, others, why) => {
    expect(refusal({ size }, others.map((one) => ({ size: one })))).toBe(why)
  })
})

describe('a thread', () => {
  it('is written to whoever is in it, as long as nobody is named', () => {
    const people = ['a', 'b'].map((id) => ({ id, title: '', enabled: true, role: 'peer' as const, running: true }))
    expect(recipients({ text: 'hi', chosen: null, answers: null, thread: ['b', 'gone'] }, people, 'foreman')).toEqual({ to: ['b'], reason: { because: 'people' } })
    expect(recipients({ text: '@a', chosen: null, answers: null, thread: ['b'] }, people, 'foreman').to).toEqual(['a'])
  })
})
