// What is seen of the page while the keyboard of a phone is open: the page becomes as high as that, so that the key row
// stands above the keyboard.
import { useEffect } from 'react'

/** A difference that is more than bars of the browser that come and go. */
const KEYBOARD_PX = 120

export function useVisible(): void {
  useEffect(() => {
    const seen = window.visualViewport
    if (!seen) return
    const { style } = document.body
    const fit = (): void => {
      const isOpen = window.innerHeight - seen.height > KEYBOARD_PX && seen.scale < 1.05
      style.height = isOpen ? `${Math.floor(seen.height)}px` : ''
      document.body.toggleAttribute('data-keyboard', isOpen)
      if (isOpen) window.scrollTo(0, 0)
    }
    seen.addEventListener('resize', fit)
    seen.addEventListener('scroll', fit)
    return () => {
      seen.removeEventListener('resize', fit)
      seen.removeEventListener('scroll', fit)
      style.height = ''
      document.body.removeAttribute('data-keyboard')
    }
  }, [])
}
