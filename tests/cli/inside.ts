import { vi } from 'vitest'
import { main } from '../../cli/main.ts'

/** One command in this process: faster than a child, for what needs no process of its own. */
export async function inside(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text: unknown) => {
      out[name] += String(text)
      return true
    }),
  )
  try {
    return { status: await main(args), ...out }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
