// Text into the clipboard, also where a browser has none for pages without a secure address.

function byHand(text: string): boolean {
  const field = document.createElement('textarea')
  const before = document.activeElement
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}

/** Copies; false when the browser does not let us. */
export async function copy(text: string): Promise<boolean> {
  try {
    const clipboard = navigator.clipboard as Clipboard | undefined
    if (clipboard === undefined) return byHand(text)
    await clipboard.writeText(text)
    return true
  } catch {
    return byHand(text)
  }
}
