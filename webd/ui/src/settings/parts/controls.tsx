// Controls of settings rows: switch, one of few, one of many. Their name is that of the row.
import type { KeyboardEvent } from 'react'

interface Named {
  'aria-labelledby'?: string
  'aria-describedby'?: string
  'aria-label'?: string
  disabled?: boolean
}

export function Switch({ on, set, ...named }: Named & { on: boolean; set: (on: boolean) => void }) {
  return <button type="button" role="switch" className="sw" aria-checked={on} onClick={() => { set(!on) }} {...named} />
}

export interface Choice<V extends string> {
  value: V
  name: string
}

interface Chooses<V extends string> extends Named {
  value: V
  choices: readonly Choice<V>[]
  set: (value: V) => void
}

const STEP: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** One of few, all seen at once; the arrows choose, as in every group of radios. */
export function Segments<V extends string>({ value, choices, set, disabled, ...named }: Chooses<V>) {
  const at = choices.findIndex((one) => one.value === value)
  const key = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = STEP[event.key]
    if (step === undefined || disabled) return
    event.preventDefault()
    const next = (at + step + choices.length) % choices.length
    const choice = choices[next]
    if (choice === undefined) return
    set(choice.value)
    ;(event.currentTarget.children[next] as HTMLElement).focus()
  }
  return (
    <div className="seg" role="radiogroup" {...named} onKeyDown={key}>
      {choices.map((one, place) => (
        <button key={one.value} type="button" role="radio" aria-checked={place === at} tabIndex={place === Math.max(at, 0) ? 0 : -1} disabled={disabled} onClick={() => { set(one.value) }}>{one.name}</button>
      ))}
    </div>
  )
}

/** One of many. */
export function Select<V extends string>({ value, choices, set, ...named }: Chooses<V>) {
  return (
    <select className="in" value={value} onChange={(event) => { set(event.target.value as V) }} {...named}>
      {choices.map((one) => <option key={one.value} value={one.value}>{one.name}</option>)}
    </select>
  )
}
