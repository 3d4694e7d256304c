/**
 * Real telegrams of real meters, whole link frames as published: what the simulated meters answer with, before their
 * identification, counters and clocks are set.
 */
export interface SourceTelegram {
  /** Manufacturer and kind of meter. */
  readonly what: string;
  /** Repository and path it was taken from. */
  readonly source: string;
  readonly licence: string;
  /** The link frame as hex. */
  readonly frame: string;
  /** Instead of the source's, where no telegram of this one is public. */
  readonly deviceType?: number;
}

export const sourceTelegrams = {
  finder7e: {
    what: "FIN, electricity",
    source: "rscada/libmbus test/test-frames/FIN-Finder-7E.23.8.230.0020.hex",
    licence: "BSD-3-Clause",
    frame:
      "68383868081972076200232e192302920000008c1004682817008c11046828170002fdc9ff01e60002fddbff01060002" +
      "acff0109008240acff01fdff5b16",
  },
  gmcEmmod206: {
    what: "GMC, electricity",
    source: "rscada/libmbus test/test-frames/gmc_emmod206.hex",
    licence: "BSD-3-Clause",
    frame:
      "6891916808037278563412a31de602020000008240fd486003828040fd48bf0382c040fd4820048240fd59bd03828040" +
      "fd591f0482c040fd597e0482402be00082402b36ff84100494280000842004983a0000845004bf4e0000846004a86100" +
      "00849040048b75000084a04004b888000084d040042d9d000084e04004c8af000082412be00082422b000082432b0000" +
      "82442bca004216",
  },
  emuProfessional375: {
    what: "EMU, electricity",
    source: "rscada/libmbus test/test-frames/EMU_EMU-Professional-375-M-Bus.hex",
    licence: "BSD-3-Clause",
    frame:
      "68f4f46808007229260300b5151002020000000c7829260300841003540500008420030000000084904003ae1e000084" +
      "a040030000000004abff01feffffff04abff020000000004abff0300000000042bfeffffff848040abff010e00000084" +
      "8040abff0200000000848040abff03000000008480402b0e00000002fdc8ff01d10802fdc8ff02000002fdc8ff030000" +
      "22fdc8ff01520722fdc8ff02000022fdc8ff03000012fdc8ff016a0912fdc8ff02000012fdc8ff03000003fdd9ff01be" +
      "ffff03fdd9ff0200000003fdd9ff0300000003fd59beffff01ffe1ff010d01ffe1ff020001ffe1ff030002ff52f40102" +
      "fd60380001fd17007416",
  },
  kamstrup382: {
    what: "KAM, electricity",
    source: "rscada/libmbus test/test-frames/kamstrup_382_005.hex",
    licence: "BSD-3-Clause",
    frame:
      "68464668087872209183142d2c010204000000040600000000042209000000042b00000000142b000000008450060000" +
      "0000846006000000000f000000000000000000000000000000102416",
  },
  multical601: {
    what: "KAM, heat",
    source: "rscada/libmbus test/test-frames/kamstrup_multical_601.hex",
    licence: "BSD-3-Clause",
    frame:
      "68f7f768081172175885062d2c0804040000000c78175885060406e791000004142cdb00000422d90300000459b92700" +
      "00045d081200000461b1150000042d5b010000142dc0010000043b1f020000143b740200008410060000000084200600" +
      "00000084401400000000848040140000000084c0400600000000046d1a2f65114406518200004414b2c30000542d2602" +
      "0000543b03040000c4100600000000c4200600000000c4401400000000c480401400000000c4c0400600000000426c5f" +
      "1c0f00000000e7e40000636600000000000000000000000000005bc9a50234530000e0b20300899c6800000000000100" +
      "01070709010300000000009816",
  },
  ultraheatT230: {
    what: "LUG, heat",
    source: "rscada/libmbus test/test-frames/landis+gyr_ultraheat_t230.hex",
    licence: "BSD-3-Clause",
    frame:
      "68e2e26808007205026666a7320704011000000974040970080c06000000000c14000000000b2d0000000b3b0000000b" +
      "5a9501000b5e9701000b620200f00c7805026666891071073c22693700000c22693700000c26000000008c9010060000" +
      "00009b102d0000009b103b0000009b105a0703009b105e0705009410ad6f000000009410bb6f000000009410da6f3214" +
      "7a189410de6f2b0b69184c06000000004c14000000007c22693400004c2600000000cc90100600000000db102d000000" +
      "db103b000000db105a070300db105e070500848f0f6d0000e1f1046d040c8d110f09070066017d16",
  },
  pollustat: {
    what: "SEN, heat",
    source: "rscada/libmbus test/test-frames/SEN_Pollustat.hex",
    licence: "BSD-3-Clause",
    frame:
      "6871716808047288170100ae4c060d3e000000046d3b0ee714346d0000010134fd170000000404209222f1000424a41a" +
      "e70004863b979b00000413be095e00052eb1d12ebe053ef5b84e40055bb82df941055f788bf941056300803bbd04be50" +
      "71bbb00004be58f40200000c7888170100027f10b55d16",
  },
  hydrometerHeat: {
    what: "HYD, heat",
    source: "rscada/libmbus test/test-frames/oms_frame3.hex",
    licence: "BSD-3-Clause",
    frame:
      "683c3c6808fd727856341224232a04260000000c06270485020c13763470004c0619544401426cff0c0b3b2701000b2a" +
      "9732000a5a43040a5e510202fd170000c816",
  },
  cybleColdWater: {
    what: "ACW, cold water",
    source: "rscada/libmbus test/test-frames/itron_cyble_m-bus_v1.4_cold_water.hex",
    licence: "BSD-3-Clause",
    frame:
      "685656680808728003021077041416a10000000c78800302100d7c084449202e747375630a2020202020202020202004" +
      "6d270f791a027c09656d6974202e746162d20f0415b711000004957f000000004415b71100000f00041f0d16",
  },
  elsterTmpa: {
    what: "ELS, water",
    source: "rscada/libmbus test/test-frames/els_tmpa_telegramm1.hex",
    licence: "BSD-3-Clause",
    frame: "682c2c680801724523117093150207020000000c1367452301046d3a0de602426ce1014c135169450042ec7e01110f00" + "6116",
  },
  hydrometerWater: {
    what: "HYD, water",
    source: "rscada/libmbus test/test-frames/oms_frame2.hex",
    licence: "BSD-3-Clause",
    frame: "6829296808fd7244227592242329071f0000000c13270485020b3b2701004c1319544401426cff0c02fd1700009916",
  },
  gwfMtk: {
    what: "GWF, water",
    source: "rscada/libmbus test/test-frames/GWF-MTKcoder.hex",
    licence: "BSD-3-Clause",
    frame: "681b1b6808017207201800e61e35074c0000000c78072018000c16690200009616",
  },
  waterStar: {
    what: "EFE, warm water",
    source: "rscada/libmbus test/test-frames/EFE_Engelmann-WaterStar.hex",
    licence: "BSD-3-Clause",
    frame:
      "68515168080b7254029904c51400060c27000004782e254c00046d0a0ccd1304134c01000044134b0100008401134c01" +
      "0000426cbf1c026cdf1c043b00000000143b160800000223a70401fd1700049028080000003f16",
  },
  siemensWater: {
    what: "LSE, warm water",
    source: "rscada/libmbus test/test-frames/siemens_water.hex",
    licence: "BSD-3-Clause",
    frame:
      "685959680800728213020865329906eb0000000c13010100000b22520902046d38086e19326c00000c788213020806fd" +
      "0c0a000100fa010dfd0b05313248465701fd0e000b3b0000000f37fd170000000000000000027a0d0002780d001116",
  },
  cybleGas: {
    what: "ACW, gas",
    source: "rscada/libmbus test/test-frames/itron_cyble_m-bus_v1.4_gas.hex",
    licence: "BSD-3-Clause",
    frame:
      "6856566808047287030210770414039a0000000c78870302100d7c084449202e747375630a2020202020202020202004" +
      "6d2b0f791a027c09656d6974202e746162d20f04141a00000004947f000000004414190000000f00021f9f16",
  },
  elsterGas: {
    what: "ELS, gas",
    source: "rscada/libmbus test/test-frames/oms_frame1.hex",
    licence: "BSD-3-Clause",
    frame: "6820206808fd7278563412931533032a0000000c1427048502046d32371f1502fd1700008916",
  },
  padpuls3: {
    what: "REL, heat cost allocator",
    source: "rscada/libmbus test/test-frames/rel_padpuls3.hex",
    licence: "BSD-3-Clause",
    frame:
      "682f2f6808017201010301ac4840081e0000000c6e87190000046d290a1f0c426c1f0c4c6e0213000042ec7e3f0c0fc0" + "01010c4016",
  },
  wepIndoor: {
    what: "WEP, room sensor",
    source: "ganehag/pyMeterBus tests/test-frames/WEP-indoor.blob",
    licence: "BSD-3-Clause",
    frame:
      "683d3d68080b7221000000b05c021b120000000c784904006402750a0001fd711e2f2f0a6620020afb1a310502fd971d" +
      "00002f2f2f2f2f2f2f2f2f2f2f2f2f2f2fdd16",
  },
  elvacoIndoor: {
    what: "ELV, room sensor",
    source: "rscada/libmbus test/test-frames/elv_temp_humid.hex",
    licence: "BSD-3-Clause",
    frame:
      "685353680805723408005496153200f200000001fd1b0002fc0348522574d41122fc0348522574c81112fc0348522574" +
      "b4160265d00822657008126523090172184265e408820165dd080c783408005403fd0f0000041f5d16",
  },
  svmF22: {
    what: "SVM, heat in the supply pipe",
    source: "rscada/libmbus test/test-frames/svm_f22_telegram1.hex",
    licence: "BSD-3-Clause",
    frame:
      "685c5c6808017289600001cd4e090c9470000004066e6d0000041345c6090084401345c60900025bf300025ff3000262" +
      "00000422e21800000426db180000043b00000000042c00000000046d0c15a82284406e000000008480406e000000001f" +
      "a716",
  },
  hydrometerCooling: {
    what: "HYD, cooling in the return pipe",
    source: "rscada/libmbus test/test-frames/oms_frame3.hex, a heat meter's",
    licence: "BSD-3-Clause",
    deviceType: 0x0a,
    frame:
      "683c3c6808fd727856341224232a04260000000c06270485020c13763470004c0619544401426cff0c0b3b2701000b2a" +
      "9732000a5a43040a5e510202fd170000c816",
  },
  svmCooling: {
    what: "SVM, cooling in the supply pipe",
    source: "rscada/libmbus test/test-frames/svm_f22_telegram1.hex, a heat meter's",
    licence: "BSD-3-Clause",
    deviceType: 0x0b,
    frame:
      "685c5c6808017289600001cd4e090c9470000004066e6d0000041345c6090084401345c60900025bf300025ff3000262" +
      "00000422e21800000426db180000043b00000000042c00000000046d0c15a82284406e000000008480406e000000001f" +
      "a716",
  },
  hydrometerHotWater: {
    what: "HYD, hot water of 90 degrees and more",
    source: "rscada/libmbus test/test-frames/oms_frame2.hex, a water meter's",
    licence: "BSD-3-Clause",
    deviceType: 0x15,
    frame: "6829296808fd7244227592242329071f0000000c13270485020b3b2701004c1319544401426cff0c02fd1700009916",
  },
} as const satisfies Record<string, SourceTelegram>;

export type SourceTelegramName = keyof typeof sourceTelegrams;
