package dev.coracle.benchmarks.jmh_generated;
public class WritePath_jmhType extends WritePath_jmhType_B3 {
}

