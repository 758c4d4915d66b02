/** What lightbox.js uses of it; the published types are 40 files. */
export interface Slide {
  src: string;
  msrc?: string;
  width: number;
  height: number;
  alt: string;
}
export default class PhotoSwipe {
  constructor(options: Record<string, unknown>);
  currIndex: number;
  element?: HTMLElement;
  init(): boolean;
  on(name: string, listener: () => void): void;
  close(): void;
}
