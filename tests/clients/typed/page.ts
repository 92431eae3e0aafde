// A page of a frontend, as far as the compiler is concerned: it has to know every case of an answer.
import type { AlertsSubscription, DeclareMutation, WorklistQuery } from './api'

export function shown(answer: DeclareMutation): string {
  const { declare } = answer
  switch (declare.__typename) {
    case 'Receipt':
      return declare.declarations.some((one) => one.case?.assessment?.severe) ? declare.advice : declare.code
    case 'InvalidInput':
      return declare.fields.map(({ path, message }) => `${path}: ${message}`).join('\n')
    case 'Conflict':
      return declare.reason
    default:
      return declare.code
  }
}

export const called = ({ alerts }: AlertsSubscription): string => alerts.alert.case?.person?.phone ?? alerts.alert.id

export const first = ({ worklist }: WorklistQuery): string | undefined => worklist.nodes[0]?.why
