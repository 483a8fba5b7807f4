// The palette is loaded when it is opened for the first time. What is typed until its field is there is written into it, and
// means nothing else: neither a text in the composer nor a key of the page.

interface Field {
  text: () => string
  type: (text: string) => void
  close: () => void
}

let end: (() => void) | null = null

/** What a text becomes by a key; null where the key is none for a field. Pure. */
export function typed(text: string, { key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string | null {
  if (ctrlKey || metaKey || altKey) return null
  if (key === 'Backspace') return [...text].slice(0, -1).join('')
  return [...key].length === 1 ? text + key : null
}

/** Begins to take what is typed. */
export function takeEarly(field: Field): void {
  endEarly()
  const press = (event: KeyboardEvent): void => {
    const text = typed(field.text(), event)
    if (text !== null) field.type(text)
    else if (event.key === 'Escape') field.close()
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  window.addEventListener('keydown', press, { capture: true })
  end = () => { window.removeEventListener('keydown', press, { capture: true }) }
}

/** The field is there, or nobody wants it any more. */
export function endEarly(): void {
  end?.()
  end = null
}
