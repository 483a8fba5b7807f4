// Promises about a form as a whole: what is saved, what is not, and that it is not left by accident.
import { act, createElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { go, useRoute } from '../src/app/route'
import { useForm, type FormOf } from '../src/settings/parts/use-form'

interface Fields {
  title: string
  topic: string
}

let root: Root
let form: FormOf<Fields>
let stored: Fields
const save = vi.fn<(patch: Partial<Fields>) => Promise<void>>()

function Page({ now }: { now: Fields }) {
  form = useForm<Fields>({ now, name: (field) => field, load: () => Promise.resolve(stored), save })
  return null
}
const draw = async (now: Fields): Promise<void> => { await act(async () => { root.render(createElement(Page, { now })); await Promise.resolve() }) }
const doing = async (work: () => void): Promise<void> => { await act(async () => { work(); await new Promise((then) => { setTimeout(then) }) }) }
const at = (): string => useRoute.getState().place.at

beforeEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  go({ at: 'settings', group_id: 'g', page: 'general', item: null })
  stored = { title: 'a', topic: 'b' }
  save.mockReset()
  save.mockImplementation((patch) => {
    stored = { ...stored, ...patch }
    return Promise.resolve()
  })
  root = createRoot(document.createElement('div'))
  await draw(stored)
})
afterEach(async () => { await act(async () => { root.unmount(); await Promise.resolve() }) })

describe('a form', () => {
  it('saves what has changed and nothing else', async () => {
    await doing(() => { form.set('title', 'c') })
    await doing(() => { form.save() })
    expect(save).toHaveBeenCalledWith({ title: 'c' })
    await draw(stored)
    expect(form.changed).toEqual([])
  })
  it('saves nothing over a change that nobody has seen', async () => {
    await doing(() => { form.set('title', 'c') })
    stored = { title: 'theirs', topic: 'b' }
    await doing(() => { form.save() })
    expect(save).not.toHaveBeenCalled()
    await draw(stored)
    expect(form.conflicts).toEqual(['title'])
    await doing(() => { form.keepMine('title') })
    await doing(() => { form.save() })
    expect(save).toHaveBeenCalledWith({ title: 'c' })
  })
  it('says why it was refused, and keeps what was typed', async () => {
    save.mockRejectedValueOnce(new Error('no'))
    await doing(() => { form.set('title', 'c') })
    await doing(() => { form.save() })
    expect([form.error, form.value('title')]).toEqual(['no', 'c'])
  })
  it('is not left before somebody has chosen', async () => {
    await doing(() => { form.set('title', 'c') })
    await doing(() => { go({ at: 'new' }) })
    expect([at(), form.leaving]).toEqual(['settings', true])
    await doing(() => { form.stay() })
    expect([at(), form.leaving, form.value('title')]).toEqual(['settings', false, 'c'])
    await doing(() => { go({ at: 'new' }) })
    await doing(() => { form.discard() })
    expect(at()).toBe('new')
  })
  it('is left once it is saved', async () => {
    await doing(() => { form.set('topic', 'c') })
    await doing(() => { go({ at: 'new' }) })
    await doing(() => { form.save() })
    expect([at(), stored.topic]).toEqual(['new', 'c'])
  })
  it('holds nobody who changed nothing', async () => {
    await doing(() => { go({ at: 'new' }) })
    expect(at()).toBe('new')
  })
})
