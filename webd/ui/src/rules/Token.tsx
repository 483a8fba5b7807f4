// A part of the sentence that can be chosen: a button with the word, and a list or a small field below it.
import { useCallback, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'

const FOCUSABLE = 'button, input, select, textarea'

/** Room between a list and the edge of the column. */
const EDGE_PX = 8

/** Moves what would stand out of its column at the right. */
function inside(pop: HTMLElement): void {
  const edge = (pop.closest('.pmain') ?? document.body).getBoundingClientRect().right - EDGE_PX
  const over = pop.getBoundingClientRect().right - edge
  if (over > 0) pop.style.left = `${-over}px`
}

export function Token({ word, name, children }: { word: string; name: string; children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLSpanElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const pop = useRef<HTMLDivElement>(null)
  const id = useId()
  const shut = useCallback(() => { setOpen(false) }, [])
  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  useOutside(box, shut, open)
  useEffect(() => {
    if (!open) return
    if (pop.current) inside(pop.current)
    const first = pop.current?.querySelector<HTMLElement>('[aria-selected="true"], [aria-checked="true"]') ?? pop.current?.querySelector<HTMLElement>(FOCUSABLE)
    first?.focus()
    pop.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    close()
  }
  return (
    <span className="tokbox" ref={box} onKeyDown={key}>
      <button ref={button} type="button" className="tok" aria-haspopup="dialog" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={`${name}: ${word}`} onClick={() => { setOpen(!open) }}>
        <span dir="auto">{word}</span><Icon name="down" />
      </button>
      {open && <div ref={pop} id={id} className="menu tokpop" role="dialog" aria-label={name}>{children(close)}</div>}
    </span>
  )
}

export interface Option {
  value: string
  name: string
  /** What it means, in grey. */
  help?: string
}

/** A list in which the arrows move. `many`: a choice leaves it open, and takes itself back. */
export function Options({ options, chosen, choose, name, many = false }: { options: Option[]; chosen: string[]; choose: (value: string) => void; name: string; many?: boolean }) {
  const at = options.findIndex((one) => chosen.includes(one.value))
  const key = (event: KeyboardEvent<HTMLDivElement>): void => {
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="option"]')]
    const here = all.indexOf(document.activeElement as HTMLElement)
    const to = event.key === 'ArrowDown' ? here + 1 : event.key === 'ArrowUp' ? here - 1 : event.key === 'Home' ? 0 : event.key === 'End' ? all.length - 1 : null
    if (to === null) return
    event.preventDefault()
    all[(to + all.length) % all.length]?.focus()
  }
  return (
    <div className="scroll toklist" role="listbox" aria-label={name} aria-multiselectable={many} onKeyDown={key}>
      {options.map((one, place) => {
        const on = chosen.includes(one.value)
        return (
          <button key={one.value} type="button" role="option" aria-selected={on} tabIndex={place === Math.max(at, 0) ? 0 : -1} className="mi" onClick={() => { choose(one.value) }}>
            {many && <span className={`cb ${on ? 'on' : ''}`} aria-hidden="true">{on && <Icon name="st-accepted" size="s12" />}</span>}
            <span className="grow"><span dir="auto">{one.name}</span>{one.help !== undefined && <span className="help"> {one.help}</span>}</span>
          </button>
        )
      })}
    </div>
  )
}
