// The text of a template, pasted or out of a file.
import { useRef, useState } from 'react'
import { Icon } from '../parts/Icon'
import { say } from '../words'

interface Props {
  text: string
  set: (text: string) => void
  disabled?: boolean
}

export function TemplateField({ text, set, disabled = false }: Props) {
  const file = useRef<HTMLInputElement>(null)
  const [error, setError] = useState<string | null>(null)
  const read = (chosen: File | undefined): void => {
    if (chosen === undefined) return
    setError(null)
    chosen.text().then(set).catch((cause: unknown) => { setError((cause as Error).message) })
  }
  return (
    <div className="part">
      <textarea
        className="in mono guide" dir="ltr" rows={8} spellCheck={false} aria-label={say('tpl.text')} placeholder={say('tpl.text.hint')} disabled={disabled}
        value={text} onChange={(event) => { set(event.target.value) }}
        onDragOver={(event) => { event.preventDefault() }}
        onDrop={(event) => { event.preventDefault(); read(event.dataTransfer.files[0]) }}
      />
      <div className="row wrap">
        <input ref={file} type="file" accept=".yaml,.yml,text/yaml" hidden onChange={(event) => { read(event.target.files?.[0]); event.target.value = '' }} />
        <button type="button" className="btn" disabled={disabled} onClick={() => { file.current?.click() }}><Icon name="file" size="s14" />{say('tpl.file')}</button>
        {text !== '' && <button type="button" className="btn bare" disabled={disabled} onClick={() => { set('') }}>{say('tpl.clear')}</button>}
      </div>
      {error !== null && <p className="err" role="alert">{say('tpl.file.error', { reason: error })}</p>}
    </div>
  )
}
