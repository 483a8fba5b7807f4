// Copies a text, also where the address is not secure and the browser has no clipboard for pages.
import { useState } from 'react'
import { Icon } from '../../parts/Icon'
import { say } from '../../words'

/** The old way, by a field that is selected. */
function bySelection(text: string): void {
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  // Inside of an open dialog: outside of it nothing can be selected.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (!done) throw new Error('refused')
}

async function copyText(text: string): Promise<void> {
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard === undefined) bySelection(text)
  else await clipboard.writeText(text).catch(() => { bySelection(text) })
}

export function CopyButton({ text, name }: { text: string; name: string }) {
  const [done, setDone] = useState<'yes' | 'no' | null>(null)
  const copy = (): void => {
    copyText(text).then(() => { setDone('yes') }).catch(() => { setDone('no') })
  }
  const word = done === 'yes' ? say('copied') : done === 'no' ? say('settings.copy.failed') : name
  return <button type="button" className="btn sm selfstart" onClick={copy}><Icon name="copy" size="s14" /><span role="status">{word}</span></button>
}
