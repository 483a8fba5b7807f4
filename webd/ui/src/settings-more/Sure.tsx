// A verb that ends something: it asks in place, and the safe answer has the focus.
import { useState } from 'react'
import { say } from '../words'

interface Props {
  word: string
  ask: string
  /** The verb again, and while it is being done. */
  yes: string
  doing: string
  busy: boolean
  act: () => Promise<unknown>
  small?: boolean
}

export function Sure({ word, ask, yes, doing, busy, act, small = false }: Props) {
  const [asks, setAsks] = useState(false)
  const size = small ? 'sm' : ''
  if (!asks) return <button type="button" className={`btn bad ${size}`} onClick={() => { setAsks(true) }}>{word}</button>
  return (
    <span className="row wrap" role="group" aria-label={ask}>
      <span>{ask}</span>
      <button type="button" className={`btn bad ${size}`} disabled={busy} onClick={() => { void act().then(() => { setAsks(false) }) }}>{busy ? doing : yes}</button>
      <button type="button" className={`btn ${size}`} autoFocus onClick={() => { setAsks(false) }}>{say('keep')}</button>
    </span>
  )
}
