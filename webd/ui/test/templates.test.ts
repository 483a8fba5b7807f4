// Promises about what a template is said to change.
import { describe, expect, it } from 'vitest'
import { countOf } from '../src/templates/Changes'
import type { Preview } from '../src/templates/store'

const NOTHING: Preview = {
  template: { kind: 'cccc.group_template', v: 1, title: '', topic: '', exported_at: '', cccc_version: '', actors: [], settings: {}, automation: { rules: 0, snippets: 0 }, prompts: {} },
  diff: { actors_add: [], actors_update: [], actors_remove: [], settings_changed: {}, prompts_changed: {} },
}
const prompt = (changed: boolean) => ({ changed, current_chars: 1, new_chars: 2, current_source: 'home' as const, new_source: 'home' as const })

describe('a preview', () => {
  it.each([
    [{}, 0],
    [{ actors_add: ['a'], actors_remove: ['b', 'c'] }, 3],
    [{ settings_changed: { nudge: { from: 1, to: 2 } } }, 1],
    [{ prompts_changed: { help: prompt(true), preamble: prompt(false) } }, 1],
  ])('of %j counts %i', (diff, count) => {
    expect(countOf({ ...NOTHING, diff: { ...NOTHING.diff, ...diff } })).toBe(count)
  })
})
