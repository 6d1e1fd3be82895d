// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"sync"
)

// titles leads from each folded title to the form that stands for it when a
// name is nothing but a title.
var titles = sync.OnceValue(func() map[string]string {
	forms := map[string]string{
		"mohammad": "md mohd mo mod muhd mohammad mohammed muhammad muhammed mohammod muhammod mohamad mohamed mahammad mohammud " +
			"mohamod mohammadh muhamad muhamed mahammed " +
			"মো মোহা মু মোহাম্মদ মোহাম্মাদ মুহাম্মদ মুহাম্মাদ মোহাম্মেদ মোহম্মদ মুহম্মদ মহম্মদ মোহামেদ",
		"mosammat": "mst most mosa mosammat mosammot musammat mossammat mosamat mosammad musammot " +
			"মোছা মোসা মোছাম্মৎ মোসাম্মৎ মোসাম্মাত মোছাম্মাত মোছাম্মত মোসাম্মত মুছাম্মৎ মুসাম্মৎ মোসাম্মাৎ মোছাম্মাৎ",
		"late":    "late mrito মৃত মরহুম মরহুমা marhum morhum",
		"sri":     "sree sri shri shree শ্রী",
		"srimati": "sreemoti srimati smt shrimati sreemati শ্রীমতী শ্রীমতি",
		"haji":    "haji hazi hajji hajee hajj haj alhaj alhajj alhaz হাজী হাজি হাজ্বী আলহাজ আলহাজ্ব আলহাজ্জ",
		"janab":   "janab jonab জনাব জনাবা",
		"doctor":  "dr ডা ড ডাক্তার",
		"mr":      "mr mrs ms miss মিসেস মিস",
	}
	of := make(map[string]string)
	for full, all := range forms {
		for _, t := range strings.Fields(all) {
			of[Fold(t)] = full
		}
	}
	return of
})
