// Where a message is written. Who gets it stands above the text, what is asked for below it.
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { post } from '../chat/outbox'
import { useConnection } from '../connection/store'
import { IconButton } from '../parts/Button'
import { useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import { useLocal } from '../settings/local'
import { say, type Key } from '../words'
import { list } from '../words/time'
import { EMPTY, type Mode } from './draft'
import { candidates, insert, queryAt, type Candidate } from './mention'
import { Mentions } from './Mentions'
import { mentions, recipients } from './recipients'
import { addFiles, sendable, useFiles } from './files'
import { Files } from './Files'
import { clearDraft, keyOf, openDraft, openThreadDraft, useComposer, write } from './store'
import { ToLine } from './To'

const MODES: { mode: Mode; word: Key; icon: string | null; why: Key | null }[] = [
  { mode: 'normal', word: 'mode.normal', icon: null, why: null },
  { mode: 'attention', word: 'mode.attention', icon: 'bell', why: 'mode.attention.why' },
  { mode: 'reply', word: 'mode.reply', icon: 'st-answered', why: 'mode.reply.why' },
]

/** Most of the window that the text takes before it scrolls. */
const HEIGHT_SHARE_MAX = 0.4

function Modes({ of, mode }: { of: string; mode: Mode }) {
  return (
    <>
      <div className="seg" role="radiogroup" aria-label={say('mode.label')}>
        {MODES.map((one) => (
          <button key={one.mode} type="button" role="radio" aria-checked={mode === one.mode} onClick={() => { write({ mode: one.mode }, of) }}>
            {one.icon && <Icon name={one.icon} size="s12" />}{say(one.word)}
          </button>
        ))}
      </div>
      <select className="btn sm only-n" aria-label={say('mode.label')} value={mode} onChange={(event) => { write({ mode: event.target.value as Mode }, of) }}>
        {MODES.map((one) => <option key={one.mode} value={one.mode}>{say(one.word)}</option>)}
      </select>
    </>
  )
}

const NONE: never[] = []

interface Props {
  group_id: string
  /** What is answered in a thread, who is in it, and who asked for the answer. */
  thread?: { event_id: string; people: string[]; asked?: string | null }
}

/** Whoever may only look is told so where others write. */
export function Composer(props: Props) {
  const read_only = useConnection((state) => state.read_only)
  if (!read_only) return <Writing {...props} />
  return <div className="cwrap"><p className="note" role="note"><Icon name="eye" /><b className="b6">{say('compose.readonly')}</b></p></div>
}

function Writing({ group_id, thread }: Props) {
  const root = thread?.event_id ?? null
  const of = keyOf(group_id, root)
  const alone = useLocal((state) => state.enter_sends)
  const draft = useComposer((state) => (root === null ? state.draft : (state.threads[of]?.draft ?? EMPTY)))
  const kept = useComposer((state) => (root === null ? state.kept : (state.threads[of]?.kept ?? 'quiet')))
  const files = useFiles((state) => state[of] ?? NONE)
  const { actors, default_send_to } = useActors()
  const away = useConnection((state) => state.lost_at !== null)
  const name = useName()
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const [caret, setCaret] = useState<number | null>(null)
  const [chosen, setChosen] = useState(0)

  useEffect(() => {
    if (root === null) openDraft(group_id)
    else openThreadDraft(of)
  }, [group_id, root, of])
  useLayoutEffect(() => {
    const box = field.current
    if (box === null) return
    box.style.height = 'auto'
    // Where it is not shown it has no height to go by.
    if (box.scrollHeight === 0) box.style.height = ''
    else box.style.height = `${Math.min(box.scrollHeight, window.innerHeight * HEIGHT_SHARE_MAX)}px`
  }, [draft.text, of])

  const people = useMemo(() => actors ?? [], [actors])
  const sent = recipients({ text: draft.text, chosen: draft.chosen, answers: draft.answers, thread: thread?.people ?? NONE, asked: thread?.asked ?? null }, actors, default_send_to)
  const query = caret === null ? null : queryAt(draft.text, caret)
  // A name that is being typed is not unknown yet.
  const { unknown } = mentions(query === null || caret === null ? draft.text : draft.text.slice(0, query.from) + draft.text.slice(caret), people)
  const found = query === null ? [] : candidates(query.text, people)
  const open = found.length > 0
  const at = Math.min(chosen, found.length - 1)

  const chips = sendable(files)
  const empty = draft.text.trim() === '' && chips.length === 0
  const ready = !empty && sent.to.length > 0
  const why = empty ? say('compose.why.empty') : sent.to.length === 0 ? say('why.nobody') : ''

  const submit = (): void => {
    if (!ready) return
    post({
      group_id,
      client_id: crypto.randomUUID(),
      text: draft.text.trim(),
      to: sent.to,
      priority: draft.mode === 'attention' ? 'attention' : 'normal',
      reply_required: draft.mode === 'reply',
      reply_to: draft.answers?.event_id ?? root,
    }, chips)
    clearDraft(of)
    setCaret(null)
    field.current?.focus()
  }
  const choose = (candidate: Candidate): void => {
    if (query === null || caret === null) return
    const next = insert(draft.text, query, caret, candidate)
    // Whoever was chosen by hand stays; who is mentioned joins them.
    const joined = draft.chosen === null ? null : [...new Set([...draft.chosen, candidate.to])]
    write({ text: next.text, chosen: joined }, of)
    setCaret(null)
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(next.caret, next.caret)
    })
  }
  const mention = (): void => {
    const box = field.current
    if (box === null) return
    const from = box.selectionStart
    const put = from === 0 || /\s/.test(draft.text[from - 1] ?? '') ? '@' : ' @'
    write({ text: draft.text.slice(0, from) + put + draft.text.slice(from) }, of)
    requestAnimationFrame(() => {
      box.focus()
      box.setSelectionRange(from + put.length, from + put.length)
      setCaret(from + put.length)
    })
  }
  const key = (event: KeyboardEvent): void => {
    // Enter that ends a composition (kana, pinyin) is not ours.
    if (event.nativeEvent.isComposing) return
    if (open) {
      const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
      const move = moves[event.key]
      if (move !== undefined) {
        event.preventDefault()
        setChosen((at + move + found.length) % found.length)
        return
      }
      const candidate = found[at]
      if ((event.key === 'Enter' || event.key === 'Tab') && !event.ctrlKey && !event.metaKey && candidate) {
        event.preventDefault()
        choose(candidate)
        return
      }
      if (event.key === 'Escape') {
        event.stopPropagation()
        setCaret(null)
        return
      }
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || (alone && !event.shiftKey && !event.altKey))) {
      event.preventDefault()
      submit()
    }
    if (event.key === 'Escape') field.current?.blur()
  }

  const mode = MODES.find((one) => one.mode === draft.mode)
  return (
    <div className="cwrap">
      {open && <Mentions found={found} at={at} people={people} choose={choose} />}
      <form className={`composer ${empty ? 'empty' : 'open'}`} aria-label={say(root === null ? 'compose.label' : 'compose.label.thread')} onSubmit={(event) => { event.preventDefault(); submit() }}>
        <ToLine of={of} people={people} sent={sent} unknown={unknown} />
        {draft.answers && (
          <div className="answers">
            <Icon name="st-answered" size="s12" />
            <span className="clip grow" dir="auto">{say('compose.answering', { name: name(draft.answers.by), text: draft.answers.text })}</span>
            <IconButton icon="x" size="s12" small name={say('compose.answering.end')} onClick={() => { write({ answers: null }, of) }} />
          </div>
        )}
        <textarea
          id={root === null ? 'message' : 'thread-message'} ref={field} rows={1} dir="auto" value={draft.text} aria-label={say('compose.text')} aria-describedby={`why-${of}`}
          aria-autocomplete="list" aria-controls={open ? 'mentions' : undefined} aria-activedescendant={open ? `mention-${at}` : undefined}
          placeholder={root !== null ? say('compose.placeholder.thread') : sent.to.length > 0 ? say('compose.placeholder', { names: list(sent.to.map(name)) }) : say('compose.placeholder.nobody')}
          onChange={(event) => { write({ text: event.target.value }, of); setCaret(event.target.selectionStart); setChosen(0) }}
          onSelect={(event) => { if (caret !== null) setCaret(event.currentTarget.selectionStart) }}
          onBlur={() => { setCaret(null) }} onKeyDown={key}
          onPaste={(event) => {
            if (event.clipboardData.files.length === 0) return
            event.preventDefault()
            addFiles(of, event.clipboardData.files)
          }}
        />
        <Files of={of} />
        {mode?.why && <div className="mode-why"><Icon name={mode.icon ?? 'info'} size="s14" />{say(mode.why)}</div>}
        <div className="ctools">
          <Modes of={of} mode={draft.mode} />
          <input ref={picker} type="file" multiple hidden onChange={(event) => { addFiles(of, event.target.files ?? []); event.target.value = '' }} />
          <IconButton icon="attach" small name={say('compose.attach')} onClick={() => picker.current?.click()} />
          <IconButton icon="at" small name={say('compose.mention')} onClick={mention} />
          <span className="grow" />
          <span className={`f12 hide-p ${kept === 'refused' ? 'tw' : 'm3'}`} role="status">
            {kept === 'kept' ? say('compose.draft') : kept === 'refused' ? say('compose.draft.bad') : ''}
          </span>
          <button className="btn solid send" aria-disabled={!ready} title={why}>
            {say(away ? 'compose.later' : 'compose.send')}
            <span className="hide-p" aria-hidden="true">{!alone && <><kbd>{'Ctrl'}</kbd> </>}<kbd>{'↵'}</kbd></span>
          </button>
        </div>
      </form>
    </div>
  )
}
