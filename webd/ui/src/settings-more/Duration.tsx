// A length of time: words to choose from, any other by number and unit, and a switch where it can be off.
import { useState } from 'react'
import { Switch } from '../settings/parts/controls'
import { say } from '../words'
import { duration, offered } from './duration'
import { unitOf } from '../rules/when'

const UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const
type Unit = keyof typeof UNITS

interface Props {
  /** 0 is off. */
  seconds: number
  set: (seconds: number) => void
  /** What it is when it is switched on; missing where it cannot be off. */
  on?: number
  min?: number
  max?: number
  /** What it is called, for the switch. */
  name: string
  'aria-labelledby'?: string
  'aria-describedby'?: string
}

const OTHER = 'other'

function Other({ seconds, set, name, min, max }: { seconds: number; set: (seconds: number) => void; name: string; min: number; max: number }) {
  const { n, unit } = unitOf(seconds)
  const [chosen, setChosen] = useState<Unit>(unit)
  const [text, setText] = useState(String(n))
  const change = (number: string, of: Unit): void => {
    setText(number)
    setChosen(of)
    const value = Math.round(Number(number) * UNITS[of])
    if (number.trim() !== '' && value >= min && value <= max) set(value)
  }
  const value = Number(text) * UNITS[chosen]
  const fits = text.trim() !== '' && value >= min && value <= max
  return (
    <span className="durother">
      <input className={`in ${fits ? '' : 'bad'}`} inputMode="numeric" value={text} aria-invalid={!fits} aria-label={say('dur.number', { name })} onChange={(event) => { change(event.target.value, chosen) }} />
      <select className="in" value={chosen} aria-label={say('dur.unit', { name })} onChange={(event) => { change(text, event.target.value as Unit) }}>
        {(Object.keys(UNITS) as Unit[]).map((one) => <option key={one} value={one}>{say(`dur.${one}`)}</option>)}
      </select>
      {!fits && <span className="err" role="alert">{say('dur.bounds', { min: duration(min), max: duration(max) })}</span>}
    </span>
  )
}

export function Duration({ seconds, set, on, min = 1, max = 2_592_000, name, ...named }: Props) {
  const [other, setOther] = useState(false)
  const [last, setLast] = useState(seconds > 0 ? seconds : (on ?? min))
  const isOn = seconds > 0
  const choose = (value: string): void => {
    setOther(value === OTHER)
    if (value !== OTHER) set(Number(value))
  }
  return (
    <span className="dur">
      {isOn && !other && (
        <select className="in" value={seconds} onChange={(event) => { choose(event.target.value) }} {...named}>
          {offered(seconds, min, max).map((one) => <option key={one} value={one}>{duration(one)}</option>)}
          <option value={OTHER}>{say('dur.other')}</option>
        </select>
      )}
      {isOn && other && <Other seconds={seconds} set={set} name={name} min={min} max={max} />}
      {!isOn && <span className="m3">{say('dur.off')}</span>}
      {on !== undefined && (
        <Switch
          on={isOn} aria-label={name}
          set={(next) => {
            if (!next) setLast(seconds)
            setOther(false)
            set(next ? last : 0)
          }}
        />
      )}
    </span>
  )
}
