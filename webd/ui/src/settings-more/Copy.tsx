// Copies a text, and says so at the button.
import { useState } from 'react'
import { Icon } from '../parts/Icon'
import { say } from '../words'

export function Copy({ text, word }: { text: string; word?: string }) {
  const [done, setDone] = useState<'' | 'copied' | 'failed'>('')
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => { setDone('copied') }, () => { setDone('failed') })
  }
  const name = done === 'copied' ? say('copied') : done === 'failed' ? say('copy.failed') : (word ?? say('copy.it'))
  return <button type="button" className="btn sm" onClick={copy}><Icon name="copy" size="s14" /><span role="status">{name}</span></button>
}
