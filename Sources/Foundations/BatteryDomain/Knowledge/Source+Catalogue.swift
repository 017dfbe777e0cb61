// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The documents that the safety tables cite, each once.

extension Source {
  /// The review that names the control nodes and tabulates runaway and gas by cell system.
  public static let batterySafetyReview = Source(
    "Jing et al., Battery Safety: Mechanisms, Monitoring, and Machine Intelligence (2026)")
  /// The review of solid-state batteries.
  public static let solidStateReview = Source(
    "Wang et al., Artificial Intelligence Empowers Solid-State Batteries, Nano-Micro Letters 17, 287 (2025)",
    identifier: "doi:10.1007/s40820-025-01797-y")
  /// Concentrations immediately dangerous to life or health.
  public static let nioshIDLH = Source(
    "NIOSH, Documentation for Immediately Dangerous To Life or Health Concentrations (1994)",
    identifier: "NTIS PB-94-195047")
  /// Runaway experiments on three 18650 cells.
  public static let golubkov2014 = Source(
    "Golubkov et al., Thermal-runaway experiments on consumer Li-ion batteries with metal-oxide and olivin-type cathodes, RSC Adv. 4, 3633 (2014)",
    identifier: "doi:10.1039/C3RA45748F")
  /// The open databank of runaway tests.
  public static let failureDatabank = Source(
    "Finegan et al., The Battery Failure Databank, J. Power Sources 597, 234106 (2024), databank revision 2",
    identifier: "doi:10.1016/j.jpowsour.2024.234106")
  /// Large lithium-sulfur pouch cells in runaway.
  public static let huang2022 = Source(
    "Huang et al., Thermal runaway routes of large-format lithium-sulfur pouch cell batteries, Joule (2022)",
    identifier: "doi:10.1016/j.joule.2022.02.015")
  /// Calorimetry of lithium cobalt and manganese oxide cells.
  public static let mendozaHernandez2015 = Source(
    "Mendoza-Hernandez et al., Cathode material comparison of thermal runaway behavior of Li-ion cells at different state of charges including over charge, J. Power Sources 280, 499 (2015)",
    identifier: "doi:10.1016/j.jpowsour.2015.01.143")
  /// Parameters of the LG M50 cell: NCM811 against silicon-graphite.
  public static let chen2020 = Source(
    "Chen et al., Development of Experimental Techniques for Parameterization of Multi-scale Lithium-ion Battery Models, J. Electrochem. Soc. 167, 080534 (2020)",
    identifier: "doi:10.1149/1945-7111/ab9050")
  /// Published parameters of an NMC111 pouch cell.
  public static let bpxNMC111 = Source(
    "BPX example, NMC111|graphite 12.5 Ah pouch cell, About:Energy (2022)",
    identifier: "github.com/FaradayInstitution/BPX examples/nmc_pouch_cell_BPX.json")
  /// Published parameters of an LFP 18650 cell.
  public static let bpxLFP = Source(
    "BPX example, LFP|graphite 2 Ah 18650 cell, About:Energy (2022)",
    identifier: "github.com/FaradayInstitution/BPX examples/lfp_18650_cell_BPX.json")
  /// Data sheet of a small LFP cell.
  public static let lfpDataSheet = Source(
    "Data sheet of a 400 mAh LiFePO4 cell, 3.2 V, items 5.6 to 5.16",
    identifier: "jiangjunweb.com/sell/dianyuan/235/1173903.html")
  /// Specification summary of a maker's standard 18650 cells.
  public static let generic18650 = Source(
    "YOK Energy, Lithium Ion Cylindrical 18650 Standard Cell Specification Summary",
    identifier: "yokenergy.com/li-ion-std-technical-info")
  /// Lithium cobalt oxide cells tested at CALCE.
  public static let calceCS2 = Source(
    "He, Williard, Osterman & Pecht, J. Power Sources 196, 10314 (2011): CALCE CS2 cells",
    identifier: "doi:10.1016/j.jpowsour.2011.08.040")
  /// Data sheet of an NCA cell.
  public static let panasonicNCR18650B = Source("Panasonic, NCR18650B data sheet (2012)")
  /// Data sheet of a lithium titanate cell.
  public static let toshibaSCiB = Source("Toshiba, SCiB 20 Ah cell data sheet")
  /// Specification of a sodium-ion 18650 cell.
  public static let sodium18650 = Source(
    "TOB New Energy, specification of the 18650 sodium-ion cell TOB-18650-C-Na",
    identifier: "tobmachine.com/18650-sodium-ion-batteries-for-sale_p1317.html")
  /// Charge voltages of sealed lead-acid cells.
  public static let oerlikon = Source(
    "Accumulatoren-Fabrik Oerlikon, Lead-acid: heat generation",
    identifier: "accuoerlikon.com/lead-heat-generation.htm")
  /// Sales page of a gel lead-acid battery with its operating ranges.
  public static let gelBattery = Source(
    "Euronet, 12 V 150 Ah gel battery, ranges of charge and discharge",
    identifier: "excellent.lk/product/gel-battery12v-150ah-euronet")
  /// The open battery management system whose three levels and spacing are used here.
  public static let foxBMS = Source(
    "foxBMS 2 v1.6.0, src/app/application/config/battery_cell_cfg.h, Fraunhofer (2023), BSD-3-Clause",
    identifier: "github.com/foxBMS/foxbms-2")
  /// The plausibility defaults of the same system.
  public static let foxBMSPlausibility = Source(
    "foxBMS 2, plausibility defaults: cell spread 300 mV, temperature spread 10 K, Fraunhofer, BSD-3-Clause",
    identifier: "github.com/foxBMS/foxbms-2")
}
