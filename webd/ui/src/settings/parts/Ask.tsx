// A verb that ends something asks in place, and the safe answer has the focus.
import { useState, type ReactNode } from 'react'
import { say } from '../../words'

interface Props {
  /** The button before it is pressed. */
  children: ReactNode
  question: string
  yes: string
  act: () => void
  disabled?: boolean
  className?: string
  'aria-label'?: string
}

export function Ask({ children, question, yes, act, disabled = false, className = 'btn', ...named }: Props) {
  const [asking, setAsking] = useState(false)
  if (!asking) return <button type="button" className={className} disabled={disabled} onClick={() => { setAsking(true) }} {...named}>{children}</button>
  const end = (): void => { setAsking(false) }
  return (
    <div className="askrow" role="alertdialog" aria-label={question} onKeyDown={(event) => { if (event.key === 'Escape') end() }}>
      <span>{question}</span>
      <button type="button" className="btn bad" disabled={disabled} onClick={() => { end(); act() }}>{yes}</button>
      <button type="button" className="btn" autoFocus onClick={end}>{say('keep')}</button>
    </div>
  )
}
