// A final act: what goes, what stays, and a name to type before it can be done. The one kind of dialog in the settings.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { say } from '../../words'

interface Props {
  title: string
  /** What goes, with numbers, and what stays. */
  children: ReactNode
  /** What must be typed. */
  word: string
  go: string
  keep: string
  busy: string | null
  error: string | null
  act: () => void
  close: () => void
}

export function Final({ title, children, word, go, keep, busy, error, act, close }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const [typed, setTyped] = useState('')
  const ready = typed.trim() === word.trim() && busy === null
  useEffect(() => {
    const opener = document.activeElement
    ref.current?.showModal()
    return () => { if (opener instanceof HTMLElement) opener.focus() }
  }, [])
  return (
    <dialog ref={ref} className="final dlg" role="alertdialog" aria-labelledby={`${id}t`} aria-describedby={`${id}d`} onCancel={(event) => { event.preventDefault(); if (busy === null) close() }}>
      <h2 id={`${id}t`}>{title}</h2>
      <div id={`${id}d`} className="finalwhat">{children}</div>
      {/* Enter in the field does nothing: only the button does. */}
      <form className="finalwhat" onSubmit={(event) => { event.preventDefault() }}>
        <div className="field">
          <label htmlFor={`${id}f`}>{say('final.type', { word })}</label>
          <input id={`${id}f`} className="in" dir="auto" autoComplete="off" spellCheck={false} value={typed} disabled={busy !== null} onChange={(event) => { setTyped(event.target.value) }} />
        </div>
        {error !== null && <p className="err" role="alert">{error}</p>}
        <div className="row wrap finalgo">
          <button type="button" className="btn" autoFocus disabled={busy !== null} onClick={close}>{keep}</button>
          <button type="button" className={`btn bad ${ready ? 'solid' : ''}`} disabled={!ready} onClick={act}>{busy ?? go}</button>
        </div>
      </form>
    </dialog>
  )
}
