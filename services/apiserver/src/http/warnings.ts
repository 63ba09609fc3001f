/** As upstream: what all warnings of an answer may have together, and each of them once they have more. */
const maxCharacters = 4096;
const maxCharactersEach = 256;

/** The warnings of one answer: each once, and cut short when they are too many to be read. */
export class Warnings {
  #all: string[] = [];
  #characters = 0;
  #isCutting = false;

  get all(): readonly string[] {
    return this.#all;
  }

  add(text: string): void {
    if (text === "" || this.#all.includes(text)) return;
    this.#all.push(text);
    this.#characters += [...text].length;
    if (!this.#isCutting && this.#characters > maxCharacters) this.#isCutting = true;
    if (this.#isCutting) this.#cut();
  }

  #cut(): void {
    const kept: string[] = [];
    let characters = 0;
    for (const text of this.#all) {
      if (characters >= maxCharacters) break;
      const short = [...text].slice(0, maxCharactersEach);
      characters += short.length;
      kept.push(short.join(""));
    }
    this.#all = kept;
    this.#characters = characters;
  }
}
