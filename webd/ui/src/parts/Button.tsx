// An icon that is a button, with its name for those who do not see it.
import type { ButtonHTMLAttributes } from 'react'
import { Icon, type IconSize } from './Icon'

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { icon: string; name: string; size?: IconSize; small?: boolean }

export function IconButton({ icon, name, size = 's16', small = false, className = '', ...rest }: Props) {
  return (
    <button type="button" className={`ib ${small ? 'sm' : ''} ${className}`} aria-label={name} title={name} {...rest}>
      <Icon name={icon} size={size} />
    </button>
  )
}
