// Promises about the context: what an edit stores, and which addresses can be opened.
import { describe, expect, it } from 'vitest'
import { milestone, note, opens, reference, sketch, vision, type MilestoneFields } from '../src/context/parts'

const all: MilestoneFields = { name: 'x', description: '', status: 'active', outcomes: '' }

describe('a milestone', () => {
  it('stores what has changed only', () => {
    expect(milestone('M1').ops({ name: 'y' }, { ...all, name: 'y' })).toEqual([{ op: 'milestone.update', milestone_id: 'M1', name: 'y' }])
  })
  it('is completed with what came of it', () => {
    expect(milestone('M1').ops({ status: 'done' }, { ...all, status: 'done', outcomes: 'shipped' }))
      .toEqual([{ op: 'milestone.complete', milestone_id: 'M1', outcomes: 'shipped' }])
  })
  it('is not completed by a text that was typed before it was open again', () => {
    expect(milestone('M1').ops({ outcomes: 'shipped' }, { ...all, outcomes: 'shipped' })).toEqual([])
  })
  it('is made in one piece', () => {
    expect(milestone(null).ops({}, all)).toEqual([{ op: 'milestone.create', name: 'x', description: '', status: 'active' }])
  })
})

it('other parts are stored by an operation each', () => {
  expect(vision.ops({ text: 'a' }, { text: 'a' })).toEqual([{ op: 'vision.update', vision: 'a' }])
  expect(sketch.ops({ text: 'a' }, { text: 'a' })).toEqual([{ op: 'sketch.update', sketch: 'a' }])
  expect(note('N1').ops({ content: 'a' }, { content: 'a' })).toEqual([{ op: 'note.update', note_id: 'N1', content: 'a' }])
  expect(reference(null).ops({ url: 'a' }, { url: 'a', note: 'b' })).toEqual([{ op: 'reference.add', url: 'a', note: 'b' }])
})

it.each([['https://example.org', true], ['docs/rounding.md', false], ['javascript:alert(1)', false], ['file:///etc/passwd', false]])('%s opens: %s', (url, wanted) => {
  expect(opens(url)).toBe(wanted)
})
