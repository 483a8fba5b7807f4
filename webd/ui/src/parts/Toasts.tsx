// Toasts at the bottom, with the way back where there is one.
import { say } from '../words'
import { Kbd } from './Kbd'
import { undoLast, useToasts } from './toast'
import './toasts.css'

export function Toasts() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text, undo }) => (
        <div key={id} className="toast">
          <span className="clip">{text}</span>
          {undo && <button type="button" className="btn sm" onClick={undoLast}>{say('toast.undo')}<Kbd of="Z" /></button>}
        </div>
      ))}
    </div>
  )
}
