package dev.coracle.benchmarks.jmh_generated;
public class LogAppend_jmhType extends LogAppend_jmhType_B3 {
}

