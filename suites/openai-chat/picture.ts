/**
 * A picture that any model that sees can name: 32 by 32 pixels, 8 bits a channel, the left half red (220, 20, 20), the
 * right half blue (20, 60, 220). PNG, as a data URL. Smaller ones are refused by models that are otherwise able.
 */
export const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAALklEQVR42u3NQQkAAAgEMENcHPunMIwZfAqD/VeTnKTnpAQCgUAgEAgEAsGXYAEZoGA9lVcbSQAAAABJRU5ErkJggg=='
