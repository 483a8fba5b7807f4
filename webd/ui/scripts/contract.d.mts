export function contract(schema: unknown): string
export const SCHEMA: string
export const CONTRACT: string
