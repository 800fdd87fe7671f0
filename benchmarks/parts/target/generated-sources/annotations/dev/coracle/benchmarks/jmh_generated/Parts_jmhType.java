package dev.coracle.benchmarks.jmh_generated;
public class Parts_jmhType extends Parts_jmhType_B3 {
}

