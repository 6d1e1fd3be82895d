// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"sync"
)

// windows is what the bytes 0x80 to 0x9F mean in Windows-1252, for files that
// were read as Latin-1. A space stands for no character.
const windows = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ"

// bijoyPairs lists the characters of SutonnyMJ and what they draw, in the
// order of the font. A hasanta at an end joins to the neighbour on that side.
const bijoyPairs = `
A=অ B=ই C=ঈ D=উ E=ঊ F=ঋ G=এ H=ঐ I=ও J=ঔ
K=ক L=খ M=গ N=ঘ O=ঙ P=চ Q=ছ R=জ S=ঝ T=ঞ U=ট V=ঠ W=ড X=ঢ Y=ণ Z=ত _=থ
a=ধ b=ন c=প d=ফ e=ব f=ভ g=ম h=য i=র j=ল k=শ l=ষ m=স n=হ o=ড় p=ঢ় q=য় r=ৎ
s=ং t=ঃ u=ঁ v=া w=ি x=ী y=ু z=ু ~=ূ †=ে ‡=ে ˆ=ৈ ‰=ৈ Š=ৗ
æ=ু “=ু –=ু ‚=ূ ƒ=ূ „=ৃ …=ৃ
0=০ 1=১ 2=২ 3=৩ 4=৪ 5=৫ 6=৬ 7=৭ 8=৮ 9=৯ |=।
ª=্র «=্র Ö=্র ¨=্য ¡=্ব ¦=্ব ^=্ব Ÿ=্ব ¢=্ভ £=্ভ্র ¥=্ম §=্ম ¬=্ল ø=্ল œ=্ন è=্ণ
‹=্ক Œ=্ক্র —=্ত Í=্ত ‘=্তু ’=্থ ¿=্ত্র ú=্প
š=ন্ ›=ন্ ¤=ম্ ¯=স্ ®=ষ্ ˜=দ্ ™=দ্ ”=চ্ •=ঙ্
°=ক্ক ±=ক্ট ²=ক্ষ্ম ³=ক্ত ´=ক্ষ্ম µ=ক্র ¶=ক্ষ ÿ=ক্ষ ·=ক্স ¸=গু º=গ্গ »=গ্ধ
¼=ঙ্ক ½=ঙ্গ ¾=জ্জ À=জ্ঝ Á=জ্ঞ Â=ঞ্চ Ã=ঞ্ছ Ä=ঞ্জ Å=ঞ্ঝ Æ=ট্ট Ç=ড্ড È=ণ্ট É=ণ্ঠ Ê=ণ্ড
Ë=ত্ত Ì=ত্থ Î=ত্র Ï=দ্দ ×=দ্ধ Ø=দ্ব Ù=দ্ম Ú=ন্ঠ Û=ন্ড Ü=ন্ধ Ý=ন্স
Þ=প্ট ß=প্ত à=প্প á=প্স â=ব্জ ã=ব্দ ä=ব্ধ å=ভ্র ç=ম্ফ
é=ল্ক ê=ল্গ ë=ল্ট ì=ল্ড í=ল্প î=ল্ফ ï=শু ð=শ্চ ñ=ষ্ণ ò=ষ্ণ ó=ষ্ট ô=ষ্ঠ õ=ষ্ফ
ö=স্খ ÷=স্ট ù=স্ফ û=হু ü=হৃ ý=হ্ন þ=হ্ম
Ò=“ Ó=” Ô=‘ Õ=’
`

var bijoyTable = sync.OnceValue(func() map[rune]string {
	table := map[rune]string{'`': "দ", '\u00AD': "্ল"}
	for _, pair := range strings.Fields(bijoyPairs) {
		from, to, _ := strings.Cut(pair, "=")
		for _, r := range from {
			table[r] = to
		}
	}
	high := []rune(windows)
	for i, r := range high {
		if to, ok := table[r]; ok && r != ' ' {
			table[rune(0x80+i)] = to
		}
	}
	return table
})
