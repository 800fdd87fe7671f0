package dev.coracle.benchmarks.jmh_generated;
public class Reads_jmhType extends Reads_jmhType_B3 {
}

