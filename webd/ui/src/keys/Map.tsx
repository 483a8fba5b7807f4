// The keyboard map, drawn from the table of keys.
import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import { IconButton } from '../parts/Button'
import { setLetters, useLocal } from '../settings/local'
import { say } from '../words'
import { KEYS, SECTIONS } from './table'
import './keys.css'

export const useMap = create<{ open: boolean }>(() => ({ open: false }))

export const showMap = (open = true): void => { useMap.setState({ open }) }

const isMac = (): boolean => /Mac|iP(?:hone|ad)/.test(navigator.platform)

/** The keys of a row as people find them on their keyboard. */
export function Keys({ of }: { of: string }) {
  return <span className="kk">{of.split(' ').map((key, at) => <kbd key={at}>{key === 'Ctrl' && isMac() ? '⌘' : key}</kbd>)}</span>
}

export function KeyboardMap() {
  const open = useMap((state) => state.open)
  const letters = useLocal((state) => state.letters)
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) box.current?.showModal()
    else box.current?.close()
  }, [open])
  if (!open) return null
  return (
    <dialog ref={box} className="dlg keysdlg" aria-modal="true" aria-label={say('keys.title')} onClose={() => { showMap(false) }} onClick={(event) => { if (event.target === event.currentTarget) showMap(false) }}>
      <div className="row"><h2>{say('keys.title')}</h2><span className="grow" /><IconButton icon="x" name={say('close')} onClick={() => { showMap(false) }} /></div>
      <div className="keys">
        {SECTIONS.map(({ section, word }) => (
          <section key={section}>
            <h3>{say(word)}</h3>
            <ul>{KEYS.filter((row) => row.section === section).map((row) => <li key={row.id}><span>{say(row.word)}</span><Keys of={row.keys} /></li>)}</ul>
          </section>
        ))}
      </div>
      <div className="row"><button type="button" className="sw" role="switch" aria-checked={letters} aria-labelledby="letters" onClick={() => { setLetters(!letters) }} /><span id="letters">{say('keys.letters')}</span></div>
      <p className="help">{say('keys.note')}</p>
    </dialog>
  )
}
