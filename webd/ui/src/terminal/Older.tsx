// Output that the picture does not hold any more, as plain text above it.
import { useCallback, useEffect, useRef, useState } from 'react'
import { IconButton } from '../parts/Button'
import { say } from '../words'
import { forget, older } from './ask'

export function Older({ group_id, actor_id, name, close }: { group_id: string; actor_id: string; name: string; close: () => void }) {
  const [text, setText] = useState<string | null>(null)
  const [from, setFrom] = useState<number | null>(null)
  const [more, setMore] = useState(false)
  const [busy, setBusy] = useState(true)
  const [error, setError] = useState<string | null>(null)
  const [asking, setAsking] = useState(false)
  const box = useRef<HTMLDivElement>(null)

  const ask = useCallback(async (before: number | null): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      const part = await older(group_id, actor_id, before)
      const height = box.current?.scrollHeight ?? 0
      setText((known) => (known === null ? part.text : `${part.text}${part.text.endsWith('\n') ? '' : '\n'}${known}`))
      setFrom(part.start)
      setMore(part.has_more && part.start > 0)
      // What was read stays where it was; the first time, the newest is below.
      requestAnimationFrame(() => {
        if (box.current) box.current.scrollTop += box.current.scrollHeight - height
      })
    } catch (refusal) {
      setError((refusal as Error).message)
    }
    setBusy(false)
  }, [group_id, actor_id])
  useEffect(() => { void ask(null) }, [ask])
  const clear = async (): Promise<void> => {
    setAsking(false)
    setBusy(true)
    try {
      await forget(group_id, actor_id)
      setText(null)
      await ask(null)
    } catch (refusal) {
      setError((refusal as Error).message)
      setBusy(false)
    }
  }

  return (
    <section className="xolder" aria-label={say('term.older.title', { name })}>
      <header className="sec">
        <span className="grow clip">{say('term.older.title', { name })} <span className="m3">{say('term.older.help')}</span></span>
        {text !== null && text.trim() !== '' && !asking && <button type="button" className="btn sm bare" onClick={() => { setAsking(true) }}>{say('term.clear')}</button>}
        <IconButton icon="x" name={say('term.older.close')} small autoFocus onClick={close} />
      </header>
      {asking && (
        <div className="held" role="alertdialog" aria-label={say('term.clear.ask', { name })}>
          <span className="grow">{say('term.clear.ask', { name })}</span>
          <button type="button" className="btn sm bad" onClick={() => void clear()}>{say('term.clear.yes')}</button>
          <button type="button" className="btn sm" autoFocus onClick={() => { setAsking(false) }}>{say('keep')}</button>
        </div>
      )}
      <div ref={box} className="scroll" tabIndex={0} role="region" aria-label={say('term.older.title', { name })} onKeyDown={(event) => { if (event.key === 'Escape') close() }}>
        {more && <p className="pad"><button type="button" className="btn sm" disabled={busy} onClick={() => void ask(from)}>{say('term.older.more')}</button></p>}
        {!more && !busy && error === null && <p className="pad m3 f12">{say(text === null || text.trim() === '' ? 'term.older.none' : 'term.older.end')}</p>}
        {busy && <p className="pad m3 f12" role="status">{say('term.older.loading')}</p>}
        {error !== null && <p className="pad err" role="alert">{say('term.older.error', { reason: error })} <button type="button" className="lk" onClick={() => void ask(from)}>{say('term.again')}</button></p>}
        {text !== null && <pre dir="auto">{text}</pre>}
      </div>
    </section>
  )
}
