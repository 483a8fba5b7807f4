// Closes what is open by Escape or a press outside of it.
import { useEffect, type RefObject } from 'react'

export function useOutside(ref: RefObject<HTMLElement | null>, close: () => void, open = true): void {
  useEffect(() => {
    if (!open) return
    const press = (event: PointerEvent): void => {
      if (!ref.current?.contains(event.target as Node)) close()
    }
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close()
    }
    document.addEventListener('pointerdown', press)
    document.addEventListener('keydown', key)
    return () => {
      document.removeEventListener('pointerdown', press)
      document.removeEventListener('keydown', key)
    }
  }, [ref, close, open])
}
