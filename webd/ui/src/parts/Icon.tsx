// One icon of the sprite in index.html.
export type IconSize = 's12' | 's14' | 's16' | 's20'

export function Icon({ name, size = 's16' }: { name: string; size?: IconSize }) {
  return (
    <svg className={`i ${size}`} aria-hidden="true" focusable="false">
      <use href={`#${name.includes('-') ? name : `i-${name}`}`} />
    </svg>
  )
}
